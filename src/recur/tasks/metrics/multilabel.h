// Metrics of several yes-or-no labels per example, over all decisions (micro: every decision has the same weight) and
// by label (macro: every label has the same weight).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/io/metrics_log.h"
#include "recur/tasks/metrics/classification.h"
#include "recur/tasks/metrics/ranking.h"

namespace recur {

// Probabilities and answers of N examples and L labels, [N, L] each. An answer is 1, 0 or, where it is not known and
// counts for nothing, NaN.
struct LabelScores {
  int64_t labels = 0;
  std::vector<double> probabilities;
  std::vector<float> answers;

  int64_t examples() const { return labels == 0 ? 0 : std::ssize(probabilities) / labels; }
};

// Numbers of examples, repeated ones allowed.
using Rows = std::span<const int64_t>;
std::vector<int64_t> all_rows(const LabelScores& scores);

// What is known of one label.
std::vector<Scored> scored(const LabelScores& scores, int64_t label, Rows rows);
BinaryCounts counts(std::span<const Scored> things, double threshold);

// The threshold of the highest F1, halfway between two probabilities; 0.5 without a positive.
double best_threshold(std::span<const Scored> things);

// The mean over labels of roc_auc or average_precision, of those labels that have one.
std::optional<double> macro_mean(const LabelScores& scores, Rows rows,
                                 std::optional<double> (*measure)(std::span<const Scored>));

// The mean over examples of the share of right labels among the k most probable of each; labels that are not known are
// left out, and so are examples with fewer than k. Nothing where there is no other.
std::optional<double> precision_at(const LabelScores& scores, int64_t k, Rows rows);

// Of one label auc, auprc and f1; of several each as micro_ and macro_, and precision_at_10 of more than 10.
// `thresholds` [L] say from where on a label is predicted. What has no value, as the AUC of one class alone, is left
// out.
std::vector<Metric> multilabel_metrics(const LabelScores& scores, std::span<const double> thresholds, Rows rows);

}  // namespace recur
