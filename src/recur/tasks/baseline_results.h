// A model beside baselines: what methods of a few lines, trained on the same part of the data, achieve on the same
// examples.
#pragma once

#include <string>
#include <vector>

#include "recur/tasks/evaluation.h"

namespace recur {

struct BaselineResult {
  std::string name;             // "naive Bayes"
  std::vector<Metric> metrics;  // by the names that the model's have, in their order
  std::string part = {};        // "60 of 1200 clips", if it has learnt from a part of the training data only
};

struct BaselineResults {
  Criterion by;  // the metric that says which method is better
  std::vector<BaselineResult> methods;
};

// "methods": a row for the model and for each baseline, with those of the model's metrics that a baseline has; "none"
// where a method lacks one.
Table methods_table(const Evaluation& model, const BaselineResults& baselines);

// What to say when a baseline is as good as the model or better, in words: "no better than naive Bayes: accuracy 0.73,
// naive Bayes 0.83", of the best one. If the model is better than one that has learnt from a part of the data, that the
// comparison is not a fair one. "" when the model is the best, and where there is nothing to compare.
std::string verdict(const Evaluation& model, const BaselineResults& baselines);

// Adds the table and the verdict to an evaluation, if there are baselines.
void add_baselines(Evaluation& model, const BaselineResults& baselines);

}  // namespace recur
