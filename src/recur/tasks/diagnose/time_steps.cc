#include "recur/tasks/diagnose/time_steps.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/sequences/settle_times.h"

namespace recur {
namespace {

constexpr double kSecondsAnHour = 3600;
constexpr int64_t kMostSteps = 1 << 16;  // more come of a step that does not fit the times
constexpr int64_t kMostValues = 1 << 30;
// Of a step: a time so little before the next step is in it, since 0.1 + 0.2 is not 0.3.
constexpr double kTolerance = 1e-9;

double time_of(const Sequence& record, size_t row) {
  return record.times.empty() ? static_cast<double>(row) : record.times[row];
}

// The step of each row, not falling. Rows behind the last step that is kept are left out.
std::vector<int64_t> steps_of_rows(const SequenceSet& set, const Sequence& record, const GridOptions& options) {
  const double origin = first_time(set, record, options), length = step_length(set, options);
  const auto most = options.most_steps > 0 ? options.most_steps : kMostSteps;
  std::vector<int64_t> steps;
  for (size_t row = 0; row < static_cast<size_t>(set.length(record)); ++row) {
    const double step = std::floor((time_of(record, row) - origin) / length + kTolerance);
    if (step < 0) {
      fail("{}: record {} has a measurement at the time {}, before its steps begin at {}", set.where(record),
           quoted_cell(record.id), time_text(set.time_kind, time_of(record, row), set.time_zone),
           time_text(set.time_kind, origin, set.time_zone));
    }
    if (step >= static_cast<double>(most)) {
      if (options.most_steps > 0) break;
      fail("{}: record {} has more than {} steps of {}", set.where(record), quoted_cell(record.id), kMostSteps,
           options.step);
    }
    steps.push_back(static_cast<int64_t>(step));
  }
  return steps;
}

// Of what in_steps() gives.
int64_t count_steps(const std::vector<int64_t>& steps_of_rows) {
  return steps_of_rows.empty() ? 1 : steps_of_rows.back() + 1;
}

// Values of one step, one channel.
struct Measured {
  double sum = 0;
  int64_t count = 0;
  float last = std::numeric_limits<float>::quiet_NaN();

  void add(float value) {
    if (std::isnan(value)) return;
    sum += static_cast<double>(value);
    ++count;
    last = value;
  }
  float mean() const { return count == 0 ? last : static_cast<float>(sum / static_cast<double>(count)); }
};

}  // namespace

double step_length(const SequenceSet& set, const GridOptions& options) {
  return set.time_kind == TimeKind::kDate ? options.step * kSecondsAnHour : options.step;
}

double first_time(const SequenceSet& set, const Sequence& record, const GridOptions& options) {
  if (options.origin == "zero") {
    if (set.time_kind == TimeKind::kDate)
      fail_usage("origin = zero: expected numeric times, got dates, which have no time 0");
    return 0;
  }
  return record.times.empty() ? 0 : record.times.front();
}

void check_room(const SequenceSet& set, std::span<const int64_t> which, const GridOptions& options) {
  int64_t values = 0;
  for (const int64_t i : which) {
    values += count_steps(steps_of_rows(set, set.sequences[i], options)) * set.width();
    if (values > kMostValues) {
      fail(
          "{}: the records have more than {} values in steps of {}; increase step, or truncate the records with "
          "most_steps",
          listed_files(set.files), kMostValues, options.step);
    }
  }
}

std::vector<float> in_steps(const SequenceSet& set, const Sequence& record, const GridOptions& options) {
  const std::vector<int64_t> steps = steps_of_rows(set, record, options);
  const auto width = static_cast<size_t>(set.width());
  std::vector<float> values(static_cast<size_t>(count_steps(steps)) * width, std::numeric_limits<float>::quiet_NaN());
  std::vector<Measured> cells(width);
  for (size_t begin = 0, end = 0; begin < steps.size(); begin = end) {
    std::ranges::fill(cells, Measured());
    for (; end < steps.size() && steps[end] == steps[begin]; ++end) {
      const auto row = set.step(record, static_cast<int64_t>(end));
      for (size_t c = 0; c < width; ++c) cells[c].add(row[c]);
    }
    float* to = values.data() + static_cast<size_t>(steps[begin]) * width;
    for (size_t c = 0; c < width; ++c) to[c] = options.within == "last" ? cells[c].last : cells[c].mean();
  }
  return values;
}

}  // namespace recur
