// Metrics of scores that do not depend on a threshold: how well they rank positives before negatives.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace recur {

// One thing that was scored. All functions here throw Error for a score that is not finite: it has no rank, or no
// threshold beside it.
struct Scored {
  double score = 0;
  bool positive = false;
};

// By their scores, the highest first.
std::vector<Scored> highest_first(std::span<const Scored> things);

// The probability that a positive has a higher score than a negative, ties counting half: the area under the curve of
// true against false positives. Nothing when there are no positives or no negatives.
std::optional<double> roc_auc(std::span<const Scored> things);

// The mean of the precision at each positive, going down the scores: the area under the curve of precision against
// recall, without interpolation. Things of one score are taken together. Nothing when there are no positives.
std::optional<double> average_precision(std::span<const Scored> things);

// The threshold above which things taken as positive have the highest F1: halfway between two scores, or below the
// least of all. The highest of several that are as good. Nothing when there are no positives.
std::optional<double> best_f1_threshold(std::span<const Scored> things);

// The mean over classes of the AUC of one class against all others, of those classes that have one. probabilities
// [N, C], classes [N]. Nothing when there is none.
std::optional<double> one_vs_rest_auc(std::span<const float> probabilities, std::span<const int32_t> classes);

}  // namespace recur
