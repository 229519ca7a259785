#include "recur/tasks/diagnose/early_warning.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr int64_t kStepsShown = 48;
constexpr std::array kFalseAlarms{0.01, 0.05, 0.1, 0.2};

// The highest probability of one label in each record whose answer is known.
struct Peaks {
  std::vector<int64_t> positive;    // records that have the label
  std::vector<double> of_negative;  // of those that do not have it
};

// The highest probability of label l in the first steps of a record.
double peak(const DiagnoseScores& scores, int64_t i, int64_t l, int64_t steps, std::vector<float>& room) {
  double highest = 0;
  const auto logits = scores.record(i, room);
  for (int64_t t = 0; t < steps; ++t) {
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
    if (answer == 0) peaks.of_negative.push_back(peak(scores, i, l, scores.steps(i), room));
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

// Nothing of none.
std::optional<double> median(std::vector<int64_t> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  const int64_t upper = values[half], lower = values.size() % 2 == 0 ? values[half - 1] : upper;
  return static_cast<double>(lower + upper) / 2;
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
  const auto right = static_cast<double>(leads.size());
  const auto wrong = static_cast<double>(
      std::ranges::count_if(peaks.of_negative, [&](double highest) { return highest >= threshold; }));
  return {wrong / static_cast<double>(peaks.of_negative.size()), threshold,
          right / static_cast<double>(peaks.positive.size()), right + wrong > 0 ? right / (right + wrong) : 0,
          median(leads).value_or(0)};
}

// The steps that have ended by a time; the sum of steps such as 0.1 may be off by a rounding.
int64_t steps_by(double time, double step) { return static_cast<int64_t>(std::floor(time / step + 1e-9)); }

void check_times(const DiagnoseScores& scores, double step, std::span<const double> times) {
  int64_t longest = 0;
  for (int64_t i = 0; i < scores.size(); ++i) longest = std::max(longest, scores.steps(i));
  for (const double time : times) {
    const double longest_time = static_cast<double>(longest) * step;
    if (time > 0 && time <= longest_time * (1 + 1e-9) && steps_by(time, step) > 0) continue;
    fail_usage("times: expected from {}, when the first step ends, to {}, when the longest record ends, got {}", step,
               longest_time, time);
  }
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

std::vector<TimedDecisions> alarms_by_time(const DiagnoseScores& scores, const DiagnoseExamples& examples, int64_t l,
                                           double threshold, double step, std::span<const double> times) {
  check_times(scores, step, times);
  std::vector<TimedDecisions> out;
  std::vector<float> room;
  for (const double time : times) {
    TimedDecisions& here = out.emplace_back(TimedDecisions{.time = time, .records = {}});
    std::vector<std::optional<int64_t>> leads;  // of the alarms that are right
    for (int64_t i = 0; i < scores.size(); ++i) {
      const float answer = examples.answers_of(i)[l];
      const int64_t steps = std::min(steps_by(time, step), scores.steps(i));
      const double highest = peak(scores, i, l, steps, room);
      Decision& record = here.records.emplace_back(Decision{.chosen = highest >= threshold, .score = highest});
      if (!std::isnan(answer)) record.actual = answer != 0;
      const bool is_right = highest >= threshold && answer > 0;
      leads.push_back(is_right ? std::optional(lead(scores, i, l, threshold, room)) : std::nullopt);
    }
    here.measures.push_back({"lead", [leads = std::move(leads), step](std::span<const int64_t> which) {
                               std::vector<int64_t> some;
                               for (const int64_t i : which) {
                                 if (leads[static_cast<size_t>(i)]) some.push_back(*leads[static_cast<size_t>(i)]);
                               }
                               const std::optional<double> steps = median(std::move(some));
                               return steps ? std::optional(*steps * step) : std::nullopt;
                             }});
  }
  return out;
}

}  // namespace recur
