#include "recur/data/sequences/settle_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 4> kRepeatsNames{"fail", "first", "last", "mean"};

// Rows [T, C] in another order; `order` may leave rows out.
template <class T>
void reorder(std::vector<T>& values, std::span<const size_t> order, size_t width) {
  if (values.empty()) return;
  std::vector<T> out;
  out.reserve(order.size() * width);
  for (const size_t row : order) {
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(row * width);
    out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(width));
  }
  values = std::move(out);
}

int64_t rows_behind_a_later_one(const std::vector<double>& times) {
  int64_t count = 0;
  double latest = -std::numeric_limits<double>::infinity();
  for (const double time : times) {
    count += time < latest ? 1 : 0;
    latest = std::max(latest, time);
  }
  return count;
}

bool rises(const std::vector<double>& times) {
  return std::ranges::adjacent_find(times, std::greater_equal<>()) == times.end();
}

// The rows in order of time, those of one time in that of the file.
std::vector<size_t> order_of(const std::vector<double>& times) {
  std::vector<size_t> order(times.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&times](size_t row) { return times[row]; });
  return order;
}

// Merges rows of one time, which stand beside each other; gives how many went.
int64_t merge_rows(Sequence& s, size_t width, Repeats policy) {
  std::vector<size_t> kept;
  std::vector<float> together;
  for (size_t begin = 0, end = 0; begin < s.times.size(); begin = end) {
    while (end < s.times.size() && s.times[end] == s.times[begin]) ++end;
    const size_t row = policy == Repeats::kFirst ? begin : end - 1;
    for (size_t c = 0; c < width && end - begin > 1; ++c) {
      together.clear();
      for (size_t t = begin; t < end; ++t) together.push_back(s.values[t * width + c]);
      s.values[row * width + c] = merge_repeats(policy, together);
    }
    kept.push_back(row);
  }
  const auto merged = static_cast<int64_t>(s.times.size() - kept.size());
  reorder(s.values, kept, width);
  reorder(s.step_labels, kept, 1);
  reorder(s.times, kept, 1);
  return merged;
}

}  // namespace

Repeats repeats_from_name(std::string_view name) {
  for (size_t i = 0; i < kRepeatsNames.size(); ++i) {
    if (kRepeatsNames[i] == name) return static_cast<Repeats>(i);
  }
  fail_usage("repeated times: expected one of {}, got '{}'", fmt::join(kRepeatsNames, ", "), name);
}

float merge_repeats(Repeats policy, std::span<const float> values) {
  double sum = 0;
  int64_t count = 0;
  float last = std::numeric_limits<float>::quiet_NaN();
  for (const float value : values) {
    if (std::isnan(value)) continue;
    if (policy == Repeats::kFirst) return value;
    last = value;
    sum += value;
    ++count;
  }
  return policy == Repeats::kMean && count > 0 ? static_cast<float>(sum / static_cast<double>(count)) : last;
}

std::string time_text(TimeKind kind, double time, TimeZone zone) {
  return kind == TimeKind::kDate ? date_text(time, zone) : fmt::format("{}", time);
}

std::string_view repeats_advice(bool has_id) {
  return has_id ? "set repeats to first, last or mean"
                : "if the rows are of several series, set id_column to the column that identifies them; if not, set "
                  "repeats to first, last or mean";
}

TimeRepairs settle_times(const SequenceSet& set, Sequence& s, const SequenceOptions& options) {
  const size_t width = set.channels.size();
  TimeRepairs repairs;
  if (rises(s.times)) return repairs;
  if (!std::ranges::is_sorted(s.times)) {
    if (!options.sort_time)
      fail("{}: the times of sequence {} go back; sort them, or set sort_time", set.where(s), quoted_cell(s.id));
    repairs.sorted = rows_behind_a_later_one(s.times);
    const auto order = order_of(s.times);
    reorder(s.values, order, width);
    reorder(s.step_labels, order, 1);
    reorder(s.times, order, 1);
  }
  const auto twice = std::ranges::adjacent_find(s.times);
  if (twice != s.times.end() && options.repeats == Repeats::kFail) {
    fail("{}: sequence {} has the time {} twice; {}", set.where(s), quoted_cell(s.id),
         time_text(set.time_kind, *twice, set.time_zone), repeats_advice(!set.columns.id.empty()));
  }
  repairs.merged = merge_rows(s, width, options.repeats);
  return repairs;
}

void settle_times(SequenceSet& set, const SequenceOptions& options) {
  settle_times(set, std::vector<bool>(set.sequences.size(), true), options);
}

void settle_times(SequenceSet& set, const std::vector<bool>& which, const SequenceOptions& options) {
  TimeRepairs repairs;
  for (size_t i = 0; i < set.sequences.size(); ++i) {
    if (!which[i]) continue;
    Sequence& s = set.sequences[i];
    if (s.stored.store < 0) {
      repairs += settle_times(set, s, options);
      continue;
    }
    Sequence settled = set.load(s, 0, s.stored.steps);
    if (rises(settled.times)) continue;
    repairs += settle_times(set, settled, options);
    s.stored.first = set.stores[static_cast<size_t>(s.stored.store)]->append(settled);
    s.stored.steps = set.length(settled);
  }
  for (const auto& store : set.stores) store->flush();
  note_repairs(set, repairs, options);
}

void note_repairs(SequenceSet& set, const TimeRepairs& repairs, const SequenceOptions& options) {
  const std::string file = set.files.empty() ? "data" : set.files.back();
  if (repairs.sorted > 0)
    set.notes.push_back(fmt::format("{}: {} sorted by time", file,
                                    counted(repairs.sorted, "row out of order was", "rows out of order were")));
  if (repairs.merged > 0) {
    set.notes.push_back(fmt::format(
        "{}: {} merged ({})", file,
        counted(repairs.merged, "value or row with a repeated time was", "values or rows with a repeated time were"),
        kRepeatsNames[static_cast<size_t>(options.repeats)]));
  }
}

}  // namespace recur
