// Predictions of recognition as functions of what the network reads of a clip.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "recur/tasks/explainable.h"
#include "recur/tasks/recognize/recognize_trained.h"

namespace recur {

// x is [T, F] as ClipEncoder gives it; its channels are sensors, joints or parts of the picture. Of labels of frames a
// step has to be chosen.
class RecognizeRecords : public ExplainableData {
 public:
  // `model` must outlive it.
  RecognizeRecords(const RecognizeTrained& model, RecognizeData data) : model_(model), data_(std::move(data)) {}

  int64_t size() const override { return data_.size(); }
  std::string id(int64_t i) const override { return data_.clip(i).id; }
  int64_t steps(int64_t i) const override;
  bool needs_step() const override { return model_.each_frame(); }
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  const RecognizeTrained& model_;
  RecognizeData data_;
};

}  // namespace recur
