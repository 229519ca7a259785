// The tag of a token as a function of the tokens of its sentence.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "recur/tasks/explainable.h"
#include "recur/tasks/tag/tag_trained.h"

namespace recur {

// x is [T, F]: of each token its word's vector and what its characters give.
class TagRecords : public ExplainableData {
 public:
  // `model` must outlive it.
  TagRecords(const TagTrained& model, TaggedText text) : model_(model), text_(std::move(text)) {}

  int64_t size() const override { return text_.size(); }
  std::string id(int64_t i) const override;
  int64_t steps(int64_t i) const override { return text_.length(i); }
  bool needs_step() const override { return true; }
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  const TagTrained& model_;
  TaggedText text_;
};

}  // namespace recur
