// What a transcriber hears as a function of the features of a sound.
#pragma once

#include <memory>
#include <string>

#include "recur/tasks/explainable.h"
#include "recur/tasks/transcribe/transcribe_trained.h"

namespace recur {

// x is [T, F], the features of a sound as the network reads them. What is explained is the log-probability of a text,
// the model's own or that of the target's name; or with a step that of its word of this number: by how much the text is
// more probable than the same without the word.
class TranscribeRecords : public ExplainableData {
 public:
  // `model` must outlive it.
  TranscribeRecords(const TranscribeTrained& model, SoundSet sounds) : model_(model), sounds_(std::move(sounds)) {}

  int64_t size() const override { return sounds_.size(); }
  std::string id(int64_t i) const override { return sounds_.item(i).name; }
  int64_t steps(int64_t i) const override { return sounds_.steps(i); }
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  const TranscribeTrained& model_;
  SoundSet sounds_;
};

}  // namespace recur
