// Outputs of imported networks as functions of the steps that they are computed from.
#pragma once

#include <memory>
#include <string>

#include "recur/tasks/explainable.h"
#include "recur/tasks/network/network_trained.h"

namespace recur {

// What is explained is one output, by default the largest, at one step, by default the last. Where the network looks at
// nothing that is to come, x is the steps up to it, else the whole series.
class NetworkRecords : public ExplainableData {
 public:
  // `model` must outlive it. Throws UsageError for a network that reads symbols, which have no gradients.
  NetworkRecords(const NetworkTrained& model, SequenceSet set);

  int64_t size() const override { return set_.size(); }
  std::string id(int64_t i) const override { return set_.sequences[static_cast<size_t>(i)].id; }
  int64_t steps(int64_t i) const override { return set_.length(set_.sequences[static_cast<size_t>(i)]); }
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  const NetworkTrained& model_;
  SequenceSet set_;
};

}  // namespace recur
