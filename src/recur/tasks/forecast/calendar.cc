#include "recur/tasks/forecast/calendar.h"

#include <fmt/ranges.h>

#include <cmath>
#include <numbers>

namespace recur {
namespace {

constexpr double kHour = 3600, kDay = 24 * kHour, kWeek = 7 * kDay, kYear = 365.2425 * kDay;

float* write_cycle(double share, float* out) {
  const double angle = 2 * std::numbers::pi * share;
  *out++ = static_cast<float>(std::sin(angle));
  *out++ = static_cast<float>(std::cos(angle));
  return out;
}

}  // namespace

std::optional<double> step_seconds(TimeKind kind, const TimeStep& step) {
  if (kind != TimeKind::kDate || step.unit == TimeUnit::kNone) return std::nullopt;
  return step.unit == TimeUnit::kMonth ? step.count * kYear / 12 : step.count;
}

Calendar::Calendar(TimeKind kind, const TimeStep& step, int64_t steps) {
  if (kind != TimeKind::kDate) return;
  const double seconds = step_seconds(kind, step).value_or(kDay), shown = seconds * static_cast<double>(steps);
  const auto shows = [&](double cycle) { return seconds <= cycle / 3 && shown >= 2 * cycle; };
  day_ = shows(kDay);
  week_ = shows(kWeek);
  year_ = shows(kYear);
}

void Calendar::write(double time, float* out) const {
  const CalendarTime at = calendar_time(time);
  const double day = (at.hour + at.minute / 60.0 + at.second / 3600) / 24;
  if (day_) out = write_cycle(day, out);
  if (week_) out = write_cycle((at.weekday + day) / 7, out);
  if (year_) write_cycle((at.year_day + day) / 366, out);
}

std::vector<std::string> Calendar::names() const {
  std::vector<std::string> out;
  const auto add = [&](bool has, const std::string& cycle) {
    if (has) out.insert(out.end(), {cycle + " sin", cycle + " cos"});
  };
  add(day_, "day");
  add(week_, "week");
  add(year_, "year");
  return out;
}

std::string Calendar::text() const {
  std::vector<std::string> cycles;
  if (day_) cycles.emplace_back("day");
  if (week_) cycles.emplace_back("week");
  if (year_) cycles.emplace_back("year");
  return cycles.empty() ? "none" : fmt::format("{}", fmt::join(cycles, ", "));
}

UsualRate usual_rate(TimeKind kind, const TimeStep& step) {
  const auto seconds = step_seconds(kind, step);
  if (!seconds) return {};
  const auto per = [&](double cycle) { return std::lround(cycle / *seconds); };
  if (*seconds <= kDay / 3) return {.season = per(kDay), .horizon = 2 * per(kDay)};
  if (*seconds <= kWeek / 3) return {.season = per(kWeek), .horizon = 2 * per(kWeek)};
  if (*seconds <= 2 * kWeek) return {.season = 1, .horizon = 13};
  if (*seconds <= kYear / 10) return {.season = 12, .horizon = 18};
  if (*seconds <= kYear / 3) return {.season = 4, .horizon = 8};
  return {.season = 1, .horizon = 6};
}

}  // namespace recur
