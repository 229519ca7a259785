// What a translator says as a function of its source.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "recur/tasks/explainable.h"
#include "recur/tasks/translate/translate_trained.h"

namespace recur {

// x is [S, E], a vector for each symbol of the source and its end, of an ensemble those of all members side by side.
// What is explained is the log-probability of a translation, the model's own or that of the target's name, or with a
// step that token of it given those before.
class TranslateRecords : public ExplainableData {
 public:
  // `model` must outlive it.
  TranslateRecords(const TranslateTrained& model, std::vector<std::string> sources)
      : model_(model), sources_(std::move(sources)) {}

  int64_t size() const override { return std::ssize(sources_); }
  std::string id(int64_t i) const override { return std::to_string(i + 1); }
  // 0 of an empty source, which has an end alone.
  int64_t steps(int64_t i) const override {
    return std::ssize(model_.encoder().source(sources_[static_cast<size_t>(i)])) - 1;
  }
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  const TranslateTrained& model_;
  std::vector<std::string> sources_;
};

}  // namespace recur
