#include "recur/data/sequences/time_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace recur {
namespace {

constexpr size_t kMostDistances = 4096;  // different ones that are counted; more are no grid
constexpr double kTolerance = 1e-6;      // of a step: what rounding makes of 0.1 + 0.1

// What the distance of two such times may be off by: large ones, such as seconds of dates, hold few digits behind the
// point.
double uncertainty(double from, double to) {
  return 4 * std::numeric_limits<double>::epsilon() * std::max(std::abs(from), std::abs(to));
}

// A distance as the digits that it surely has, so that equal ones are the same.
double surely(double distance, double from, double to) {
  const double unsure = uncertainty(from, to);
  if (unsure <= kTolerance * distance) return static_cast<double>(static_cast<float>(distance));
  const double digit = std::pow(10.0, std::ceil(std::log10(unsure)));
  const double rounded = std::round(distance / digit) * digit;
  return rounded > 0 ? rounded : distance;
}

// Whole months between two dates of the same day and time, or the last days of months.
std::optional<int> months_between(double from, double to) {
  const CalendarTime a = calendar_time(from), b = calendar_time(to);
  const int months = (b.year - a.year) * 12 + (b.month - a.month);
  if (months == 0) return std::nullopt;
  const bool same =
      advance(from, {TimeUnit::kMonth, 1}, months) == to || advance(to, {TimeUnit::kMonth, 1}, -months) == from;
  return same ? std::optional(months) : std::nullopt;
}

// Calls visit(a, b) for the times of steps behind each other.
template <class Visit>
void for_each_distance(const SequenceSet& set, const Visit& visit) {
  double before = 0;
  for_each_part(set, [&](const Sequence& part, int64_t first) {
    for (size_t t = 0; t < part.times.size(); ++t) {
      if (first > 0 || t > 0) visit(before, part.times[t]);
      before = part.times[t];
    }
  });
}

// The most frequent distance, if more than half are it.
template <class Visit>
std::optional<double> common_distance(const SequenceSet& set, const Visit& distance) {
  std::map<double, int64_t> counts;
  int64_t total = 0;
  for_each_distance(set, [&](double from, double to) {
    ++total;
    const std::optional<double> d = distance(from, to);
    if (!d) return;
    const double rounded = surely(*d, from, to);
    if (counts.size() < kMostDistances || counts.contains(rounded)) ++counts[rounded];
  });
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  if (most == counts.end() || most->second * 2 <= total) return std::nullopt;
  return most->first;
}

TimeStep common_step(const SequenceSet& set) {
  const bool dates = set.time_kind == TimeKind::kDate;
  const auto plain = common_distance(set, [](double a, double b) { return std::optional(b - a); });
  // Days of months differ, so that months show as several distances of 28 to 31 days and years as 365 and 366.
  constexpr double kShortestMonth = 28.0 * 86400;
  if (dates && (!plain || *plain >= kShortestMonth)) {
    const auto months = common_distance(set, [](double a, double b) {
      const auto count = months_between(a, b);
      return count ? std::optional<double>(*count) : std::nullopt;
    });
    if (months) return {TimeUnit::kMonth, *months};
  }
  if (!plain) return {};
  return {dates ? TimeUnit::kSecond : TimeUnit::kNumber, *plain};
}

}  // namespace

TimeGrid find_time_grid(const SequenceSet& set) {
  TimeGrid grid;
  if (set.time_kind == TimeKind::kNone) return grid;
  grid.step = common_step(set);
  if (grid.step.unit == TimeUnit::kNone) return grid;
  const bool by_month = grid.step.unit == TimeUnit::kMonth;
  for_each_distance(set, [&](double from, double to) {
    const double distance = by_month ? months_between(from, to).value_or(0) : to - from;
    const double steps = distance / grid.step.count, whole = std::round(steps);
    const double most = kTolerance * whole + (by_month ? 0 : 2 * uncertainty(from, to) / grid.step.count);
    if (whole < 1 || std::abs(steps - whole) > most) {
      ++grid.off;
    } else if (whole > 1) {
      ++grid.gaps;
      grid.missing += static_cast<int64_t>(whole) - 1;
    }
  });
  return grid;
}

}  // namespace recur
