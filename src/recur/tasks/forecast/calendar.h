// What a date says by itself: the hour, the day of the week, the season of the year.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/tables/date_time.h"

namespace recur {

// Each as sine and cosine of its place in its cycle.
class Calendar {
 public:
  // Those cycles that more than two steps go into, hours for steps below half a day, days of the week for steps below
  // half a week, the year, and of which `steps` show two: what has been seen once cannot be told from what comes only
  // once. None where times are no dates.
  Calendar(TimeKind kind, const TimeStep& step, int64_t steps);

  int64_t features() const { return 2 * (int64_t{day_} + int64_t{week_} + int64_t{year_}); }
  // Writes features() numbers in [-1, 1].
  void write(double time, float* out) const;
  std::vector<std::string> names() const;  // of these: "day sin", "day cos", ...
  std::string text() const;                // "day, week, year"

 private:
  bool day_ = false, week_ = false, year_ = false;
};

// The length of one step in seconds, that of months in the mean; nothing where times are no dates or not regular.
std::optional<double> step_seconds(TimeKind kind, const TimeStep& step);

// How data of a rate are usually forecast: hourly by the day and two days ahead, as in the M4 competition.
struct UsualRate {
  int64_t season = 1;    // m
  int64_t horizon = 12;  // H
};
UsualRate usual_rate(TimeKind kind, const TimeStep& step);

}  // namespace recur
