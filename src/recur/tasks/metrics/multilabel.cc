#include "recur/tasks/metrics/multilabel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace recur {
namespace {

constexpr int64_t kPrecisionAt = 10;

}  // namespace

std::vector<int64_t> all_rows(const LabelScores& scores) {
  std::vector<int64_t> rows(static_cast<size_t>(scores.examples()));
  std::iota(rows.begin(), rows.end(), int64_t{0});
  return rows;
}

std::vector<Scored> scored(const LabelScores& scores, int64_t label, Rows rows) {
  std::vector<Scored> things;
  for (const int64_t row : rows) {
    const auto at = static_cast<size_t>(row * scores.labels + label);
    if (!std::isnan(scores.answers[at])) things.push_back({scores.probabilities[at], scores.answers[at] > 0});
  }
  return things;
}

BinaryCounts counts(std::span<const Scored> things, double threshold) {
  BinaryCounts result;
  for (const Scored& thing : things) result.add(thing.positive, thing.score >= threshold);
  return result;
}

double best_threshold(std::span<const Scored> things) {
  const std::vector<Scored> sorted = highest_first(things);
  BinaryCounts found;
  found.misses = std::ranges::count_if(things, &Scored::positive);
  double best = 0, threshold = 0.5;
  for (size_t i = 0; i < sorted.size(); ++i) {
    sorted[i].positive ? (++found.hits, --found.misses) : ++found.false_alarms;
    const double next = i + 1 < sorted.size() ? sorted[i + 1].score : 0;
    if (next == sorted[i].score || found.f1() <= best) continue;
    best = found.f1();
    threshold = (sorted[i].score + next) / 2;
  }
  return threshold;
}

std::optional<double> macro_mean(const LabelScores& scores, Rows rows,
                                 std::optional<double> (*measure)(std::span<const Scored>)) {
  double sum = 0;
  int64_t measured = 0;
  for (int64_t l = 0; l < scores.labels; ++l) {
    const auto value = measure(scored(scores, l, rows));
    sum += value.value_or(0);
    measured += value ? 1 : 0;
  }
  if (measured == 0) return std::nullopt;
  return sum / static_cast<double>(measured);
}

std::optional<double> precision_at(const LabelScores& scores, int64_t k, Rows rows) {
  int64_t right = 0, measured = 0;
  std::vector<Scored> labels;
  for (const int64_t row : rows) {
    labels.clear();
    for (int64_t at = row * scores.labels; at < (row + 1) * scores.labels; ++at) {
      if (!std::isnan(scores.answers[at])) labels.push_back({scores.probabilities[at], scores.answers[at] > 0});
    }
    if (std::ssize(labels) < k) continue;
    labels = highest_first(labels);
    right += std::count_if(labels.begin(), labels.begin() + k, [](const Scored& label) { return label.positive; });
    ++measured;
  }
  if (measured == 0) return std::nullopt;
  return static_cast<double>(right) / static_cast<double>(k * measured);
}

std::vector<Metric> multilabel_metrics(const LabelScores& scores, std::span<const double> thresholds, Rows rows) {
  std::vector<Scored> all;
  std::vector<BinaryCounts> by_label;
  BinaryCounts total;
  for (int64_t l = 0; l < scores.labels; ++l) {
    const std::vector<Scored> things = scored(scores, l, rows);
    by_label.push_back(counts(things, thresholds[static_cast<size_t>(l)]));
    total += by_label.back();
    all.insert(all.end(), things.begin(), things.end());
  }
  const auto auc = macro_mean(scores, rows, roc_auc), auprc = macro_mean(scores, rows, average_precision);
  std::vector<Metric> metrics;
  const auto add = [&](const char* name, std::optional<double> value) {
    if (value) metrics.push_back({name, *value});
  };
  if (scores.labels == 1) {
    add("auc", auc);
    add("auprc", auprc);
    add("f1", total.f1());
    return metrics;
  }
  add("micro_auc", roc_auc(all));
  add("macro_auc", auc);
  add("micro_auprc", average_precision(all));
  add("macro_auprc", auprc);
  add("micro_f1", total.f1());
  add("macro_f1", macro_f1(by_label));
  if (scores.labels > kPrecisionAt) add("precision_at_10", precision_at(scores, kPrecisionAt, rows));
  return metrics;
}

}  // namespace recur
