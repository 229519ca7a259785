#include "recur/tasks/diagnose/time_steps.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/sequences/settle_times.h"

namespace recur {
namespace {

constexpr double kSecondsAnHour = 3600;
constexpr int64_t kMostSteps = 1 << 16;   // more come of a step that does not fit the times
constexpr int64_t kMostValues = 1 << 30;  // of all records; or, of larger data, kMostFilling for each they have
constexpr int64_t kMostFilling = 16;
// Of a step: a time so little before the next step is in it, since 0.1 + 0.2 is not 0.3.
constexpr double kTolerance = 1e-9;

double time_of(const Sequence& part, size_t row, int64_t first) {
  return part.times.empty() ? static_cast<double>(first + static_cast<int64_t>(row)) : part.times[row];
}

// Finds the step of a time.
class StepOfTime {
 public:
  StepOfTime(const SequenceSet& set, const Sequence& record, const GridOptions& options)
      : set_(set), record_(record), options_(options) {
    origin_ = first_time(set, record, options);
    length_ = step_length(set, options);
    most_ = options.most_steps > 0 ? options.most_steps : kMostSteps;
  }

  // -1 behind the last step that is kept.
  int64_t operator()(double time) const {
    const double step = std::floor((time - origin_) / length_ + kTolerance);
    if (step < 0) {
      fail("{}: record {} has a measurement at the time {}, before its steps begin at {}", set_.where(record_),
           quoted_cell(record_.id), time_text(set_.time_kind, time, set_.time_zone),
           time_text(set_.time_kind, origin_, set_.time_zone));
    }
    if (step < static_cast<double>(most_)) return static_cast<int64_t>(step);
    if (options_.most_steps > 0) return -1;
    fail("{}: record {} has more than {} steps of {}", set_.where(record_), quoted_cell(record_.id), kMostSteps,
         options_.step);
  }

  // The most that in_steps() gives, by the last time alone.
  int64_t most_steps(double last_time) const {
    const int64_t step = (*this)(last_time);
    return step < 0 ? most_ : step + 1;
  }

 private:
  const SequenceSet& set_;
  const Sequence& record_;
  const GridOptions& options_;
  double origin_ = 0, length_ = 1;
  int64_t most_ = 0;
};

// Of a record that has one, wherever its steps are.
double time_of_row(const SequenceSet& set, const Sequence& record, int64_t row) {
  if (record.stored.store < 0) return time_of(record, static_cast<size_t>(row), 0);
  return time_of(set.load(record, row, row + 1), 0, row);
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

// The values of a record, a row after the other, in steps.
class Steps {
 public:
  Steps(size_t width, bool last) : last_(last), cells_(width) {}

  void add(int64_t step, std::span<const float> row) {
    if (step != step_) put();
    step_ = step;
    for (size_t c = 0; c < row.size(); ++c) cells_[c].add(row[c]);
  }
  std::vector<float> result() && {
    put();
    if (values_.empty()) values_.resize(cells_.size(), std::numeric_limits<float>::quiet_NaN());
    return std::move(values_);
  }

 private:
  void put() {
    if (step_ < 0) return;
    values_.resize(static_cast<size_t>(step_ + 1) * cells_.size(), std::numeric_limits<float>::quiet_NaN());
    float* const to = values_.data() + static_cast<size_t>(step_) * cells_.size();
    for (size_t c = 0; c < cells_.size(); ++c) to[c] = last_ ? cells_[c].last : cells_[c].mean();
    std::ranges::fill(cells_, Measured());
  }

  bool last_;
  int64_t step_ = -1;
  std::vector<Measured> cells_;
  std::vector<float> values_;
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
  return set.length(record) == 0 ? 0 : time_of_row(set, record, 0);
}

void check_room(const SequenceSet& set, std::span<const int64_t> which, const GridOptions& options) {
  int64_t values = 0, given = 0;
  for (const int64_t i : which) {
    const Sequence& record = set.sequences[static_cast<size_t>(i)];
    const int64_t rows = set.length(record);
    given += rows * set.width();
    values +=
        set.width() * (rows == 0 ? 1 : StepOfTime(set, record, options).most_steps(time_of_row(set, record, rows - 1)));
  }
  if (values > std::max(kMostValues, kMostFilling * given)) {
    fail(
        "{}: the records have more than {} values in steps of {}; increase step, or truncate the records with "
        "most_steps",
        listed_files(set.files), std::max(kMostValues, kMostFilling * given), options.step);
  }
}

std::vector<float> in_steps(const SequenceSet& set, const Sequence& record, const GridOptions& options) {
  const auto width = static_cast<size_t>(set.width());
  Steps steps(width, options.within == "last");
  const StepOfTime step_of(set, record, options);
  for_each_part(set, record, [&](const Sequence& part, int64_t first) {
    const auto rows = static_cast<size_t>(set.length(part));
    for (size_t row = 0; row < rows; ++row) {
      const int64_t step = step_of(time_of(part, row, first));
      if (step < 0) return;
      steps.add(step, std::span(part.values).subspan(row * width, width));
    }
  });
  return std::move(steps).result();
}

}  // namespace recur
