// The baselines of classification and regression: the most frequent class or the mean; of texts naive Bayes; of series
// the nearest neighbour.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/baseline_results.h"
#include "recur/tasks/baselines/naive_bayes.h"
#include "recur/tasks/baselines/nearest_neighbour.h"
#include "recur/tasks/classify/classify_examples.h"

namespace recur {

class ClassifyBaselines {
 public:
  static ClassifyBaselines fit(const ClassifyExamples& train, const Targets& targets);

  // Of classes accuracy and macro_f1, of values loss, rmse and mae, as measure() of the model has them. Dynamic time
  // warping is left out where it would take long. `by`: the metric that decides.
  BaselineResults measure(const ClassifyExamples& examples, const Targets& targets) const;

  std::string to_text() const;
  static ClassifyBaselines from_text(std::string_view json, const Targets& targets);  // throws Error: untrusted input

 private:
  float usual_ = 0;  // the most frequent class, or the mean of the standardised values
  std::optional<NaiveBayes> bayes_;
  std::optional<NearestNeighbour> nearest_;
  int64_t series_ = 0;  // of the training part, of which nearest_ may have a part only
};

// Of each fold, a part of the examples, baselines that learnt from the others, their metrics averaged by the sizes of
// the folds.
BaselineResults measure_folds(const ClassifyExamples& examples, const std::vector<std::vector<int64_t>>& folds,
                              const Targets& targets);

// The metric by which methods are compared, and the model that is kept is chosen where `select` says nothing else.
Criterion usual_criterion(const Targets& targets);

}  // namespace recur
