// Anomaly scores as functions of the steps that they are computed from.
#pragma once

#include <memory>
#include <string>

#include "recur/tasks/detect/detect_trained.h"
#include "recur/tasks/explainable.h"

namespace recur {

// What is explained is the score of a step, by default the highest of its series: of a forecast or reconstruction the
// root mean square of the errors, of classification the log-odds of an anomaly. x is [T, F]: of a reconstruction, and
// of layers of both directions, the window that the step lies in; else the steps up to it, as many as a window has.
class DetectRecords : public ExplainableData {
 public:
  // `model` must outlive it.
  DetectRecords(const DetectTrained& model, SequenceSet set);

  int64_t size() const override { return set_->size(); }
  std::string id(int64_t i) const override { return set_->sequences[static_cast<size_t>(i)].id; }
  int64_t steps(int64_t i) const override { return data_.sequences[static_cast<size_t>(i)].steps; }
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  int64_t highest_step(int64_t i) const;

  const DetectTrained& model_;
  std::shared_ptr<const SequenceSet> set_;
  DetectData data_;
};

}  // namespace recur
