// Predictions of a diagnosis as functions of the measurements.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "recur/tasks/diagnose/diagnose_trained.h"
#include "recur/tasks/explainable.h"

namespace recur {

// x is [T, 3 C + S]: values, masks, elapsed times, and the statics at every step. What a measurement leaves behind
// until the next one of its channel (its value where that is carried forward, the time since) belongs to it. The record
// that says nothing has no measurement at all.
class DiagnoseRecords : public ExplainableData {
 public:
  // `model` must outlive it.
  DiagnoseRecords(const DiagnoseTrained& model, SequenceSet set) : model_(model), set_(std::move(set)) {}

  int64_t size() const override { return set_.size(); }
  std::string id(int64_t i) const override { return set_.sequences[static_cast<size_t>(i)].id; }
  int64_t steps(int64_t i) const override;
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  const DiagnoseTrained& model_;
  SequenceSet set_;
};

}  // namespace recur
