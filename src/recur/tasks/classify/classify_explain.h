// Predictions of a classifier as functions of what it reads of a text or series.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "recur/tasks/classify/classify_trained.h"
#include "recur/tasks/explainable.h"

namespace recur {

// Of a text x is [T, E + 1]: the vector of each symbol, of an ensemble those of all members side by side, and for the
// linear path (ngram_path.h) a 1 that says the symbol is there. An n-gram counts as the product of those of its
// symbols, divided by how often it occurs; the norm that its weight is divided by stays that of the whole text.
// Of a series it is [T, F] as SeriesEncoder gives it.
class ClassifyRecords : public ExplainableData {
 public:
  // `model` must outlive it.
  ClassifyRecords(const ClassifyTrained& model, ClassifySource source) : model_(model), source_(std::move(source)) {}

  int64_t size() const override { return source_.size(); }
  std::string id(int64_t i) const override { return source_.name(i); }
  int64_t steps(int64_t i) const override { return model_.encoder().encode(source_, i).steps; }
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  const ClassifyTrained& model_;
  ClassifySource source_;
};

}  // namespace recur
