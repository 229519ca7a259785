#include "recur/tasks/metrics/ranking.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "recur/base/error.h"

namespace recur {
namespace {

struct Counts {
  int64_t positive = 0, negative = 0;
};

// Calls visit(counts before, counts of the group) for each group of equal scores, the highest first; returns all.
template <class Visit>
Counts for_each_group(std::span<const Scored> things, Visit&& visit) {
  const std::vector<Scored> sorted = highest_first(things);
  Counts before;
  for (size_t i = 0; i < sorted.size();) {
    Counts group;
    for (const double score = sorted[i].score; i < sorted.size() && sorted[i].score == score; ++i) {
      ++(sorted[i].positive ? group.positive : group.negative);
    }
    visit(before, group);
    before.positive += group.positive;
    before.negative += group.negative;
  }
  return before;
}

}  // namespace

std::vector<Scored> highest_first(std::span<const Scored> things) {
  for (size_t i = 0; i < things.size(); ++i) {
    if (!std::isfinite(things[i].score))
      fail("score {} of {}: expected a finite number, got {}", i + 1, things.size(),
           std::isnan(things[i].score) ? "NaN" : "an infinite one");
  }
  std::vector<Scored> sorted(things.begin(), things.end());
  std::ranges::sort(sorted, std::greater{}, &Scored::score);
  return sorted;
}

std::optional<double> roc_auc(std::span<const Scored> things) {
  double won = 0;  // pairs of a negative and a positive above it
  const Counts all = for_each_group(things, [&](const Counts& before, const Counts& group) {
    won += static_cast<double>(group.negative) *
           (static_cast<double>(before.positive) + static_cast<double>(group.positive) / 2);
  });
  if (all.positive == 0 || all.negative == 0) return std::nullopt;
  return won / static_cast<double>(all.positive) / static_cast<double>(all.negative);
}

std::optional<double> average_precision(std::span<const Scored> things) {
  double sum = 0;
  const Counts all = for_each_group(things, [&](const Counts& before, const Counts& group) {
    const int64_t found = before.positive + group.positive;
    const int64_t taken = found + before.negative + group.negative;
    sum += static_cast<double>(group.positive) * static_cast<double>(found) / static_cast<double>(taken);
  });
  if (all.positive == 0) return std::nullopt;
  return sum / static_cast<double>(all.positive);
}

std::optional<double> best_f1_threshold(std::span<const Scored> things) {
  const std::vector<Scored> sorted = highest_first(things);
  const auto positives = static_cast<double>(std::ranges::count(sorted, true, &Scored::positive));
  if (positives == 0) return std::nullopt;
  double hits = 0, best = 0, threshold = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    hits += sorted[i].positive ? 1 : 0;
    const bool last = i + 1 == sorted.size();
    if (!last && sorted[i + 1].score == sorted[i].score) continue;
    const double f1 = 2 * hits / (static_cast<double>(i + 1) + positives);
    if (f1 <= best) continue;
    best = f1;
    threshold = last ? sorted[i].score - 1 : std::midpoint(sorted[i].score, sorted[i + 1].score);
  }
  return threshold;
}

std::optional<double> one_vs_rest_auc(std::span<const float> probabilities, std::span<const int32_t> classes) {
  if (classes.empty()) return std::nullopt;
  const size_t width = probabilities.size() / classes.size();
  double sum = 0;
  int64_t counted = 0;
  std::vector<Scored> things(classes.size());
  for (size_t c = 0; c < width; ++c) {
    for (size_t n = 0; n < classes.size(); ++n) {
      things[n] = {probabilities[n * width + c], classes[n] == static_cast<int32_t>(c)};
    }
    if (const auto auc = roc_auc(things)) {
      sum += *auc;
      ++counted;
    }
  }
  if (counted == 0) return std::nullopt;
  return sum / static_cast<double>(counted);
}

}  // namespace recur
