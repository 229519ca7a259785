#include "recur/tasks/diagnose/early_warning.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace recur {
namespace {

constexpr int64_t kStepsShown = 48;
constexpr std::array kFalseAlarms{0.01, 0.05, 0.1, 0.2};

// The highest probability of one label in each record whose answer is known.
struct Peaks {
  std::vector<int64_t> positive;    // records that have the label
  std::vector<double> of_negative;  // of those that do not have it
};

double peak(const DiagnoseScores& scores, int64_t i, int64_t l, std::vector<float>& room) {
  double highest = 0;
  const auto logits = scores.record(i, room);
  for (int64_t t = 0; t < scores.steps(i); ++t) {
    highest = std::max(highest, probability_of(double{logits[t * scores.labels() + l]}));
  }
  return highest;
}

Peaks peaks_of(const DiagnoseScores& scores, const DiagnoseExamples& examples, int64_t l) {
  Peaks peaks;
  std::vector<float> room;
  for (int64_t i = 0; i < scores.size(); ++i) {
    const float answer = examples.answers_of(i)[l];
    if (answer > 0) peaks.positive.push_back(i);
    if (answer == 0) peaks.of_negative.push_back(peak(scores, i, l, room));
  }
  std::ranges::sort(peaks.of_negative, std::greater{});
  return peaks;
}

// The lowest threshold, just above a record's peak, that at most this share of negatives reaches.
double threshold_for(const Peaks& peaks, double share) {
  const auto allowed = static_cast<size_t>(share * static_cast<double>(peaks.of_negative.size()));
  if (allowed >= peaks.of_negative.size()) return 0;
  return std::nextafter(peaks.of_negative[allowed], 2.0);
}

// The steps from the first alarm to the end of a record, that of the alarm not counted; -1 without one.
int64_t lead(const DiagnoseScores& scores, int64_t i, int64_t l, double threshold, std::vector<float>& room) {
  const auto logits = scores.record(i, room);
  for (int64_t t = 0; t < scores.steps(i); ++t) {
    if (probability_of(double{logits[t * scores.labels() + l]}) >= threshold) return scores.steps(i) - 1 - t;
  }
  return -1;
}

std::vector<TableCell> alarm_row(const DiagnoseScores& scores, const Peaks& peaks, int64_t l, double share) {
  const double threshold = threshold_for(peaks, share);
  std::vector<int64_t> leads;
  std::vector<float> room;
  for (const int64_t i : peaks.positive) {
    if (const int64_t steps = lead(scores, i, l, threshold, room); steps >= 0) leads.push_back(steps);
  }
  std::ranges::sort(leads);
  const auto right = static_cast<double>(leads.size());
  const auto wrong = static_cast<double>(
      std::ranges::count_if(peaks.of_negative, [&](double highest) { return highest >= threshold; }));
  return {wrong / static_cast<double>(peaks.of_negative.size()), threshold,
          right / static_cast<double>(peaks.positive.size()), right + wrong > 0 ? right / (right + wrong) : 0,
          leads.empty() ? 0.0 : static_cast<double>(leads[leads.size() / 2])};
}

}  // namespace

Table step_table(const DiagnoseScores& scores, const DiagnoseExamples& examples, double step) {
  Table table{.name = "by_step", .columns = {"time", "records", "auc", "auprc"}, .rows = {}};
  std::vector<int64_t> lengths = lengths_of(*examples.records);
  std::ranges::sort(lengths);
  const int64_t steps = lengths[lengths.size() / 2], stride = (steps + kStepsShown - 1) / kStepsShown;
  for (int64_t t = stride - 1; t < steps; t += stride) {
    const LabelScores here = at_step(scores, examples, t);
    const std::vector<int64_t> rows = all_rows(here);
    const auto auc = macro_mean(here, rows, roc_auc), auprc = macro_mean(here, rows, average_precision);
    if (auc) table.rows.push_back({static_cast<double>(t + 1) * step, here.examples(), *auc, *auprc});
  }
  return table;
}

Table warning_table(const DiagnoseScores& scores, const DiagnoseExamples& examples, const LabelSet& labels,
                    double step) {
  Table table{.name = "early_warning",
              .columns = {"label", "false_alarms", "threshold", "found", "precision", "lead"},
              .rows = {}};
  for (int64_t l = 0; l < scores.labels(); ++l) {
    const Peaks peaks = peaks_of(scores, examples, l);
    if (peaks.positive.empty() || peaks.of_negative.empty()) continue;
    for (const double share : kFalseAlarms) {
      std::vector<TableCell> row = alarm_row(scores, peaks, l, share);
      std::get<double>(row.back()) *= step;
      row.insert(row.begin(), labels.names()[l]);
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

}  // namespace recur
