#include "recur/data/tables/step_columns.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/usual_dates.h"

namespace recur::internal {
namespace {

constexpr size_t kFewestStepColumns = 8;

struct StepRun {
  StepColumns columns;
  size_t count = 0;
  double last = 0;  // number or date

  void take(size_t column, double number, bool follows) {
    if (!follows || count == 0) {
      columns.first = column;
      count = 0;
    }
    columns.last = column;
    ++count;
    last = number;
  }
};

// The longest run of names that are dates of the format, "" for ISO 8601, and rise.
struct DatedRun {
  StepRun run;
  std::vector<double> dates;

  // Days, weeks or months that follow each other without a gap.
  bool is_even() const {
    std::set<double> seconds, months, days;
    for (size_t i = 1; i < dates.size(); ++i) {
      const CalendarTime now = calendar_time(dates[i]), before = calendar_time(dates[i - 1]);
      seconds.insert(dates[i] - dates[i - 1]);
      months.insert(12 * (now.year - before.year) + now.month - before.month);
      days.insert(now.day - before.day);
    }
    return seconds.size() == 1 || (months.size() == 1 && days == std::set<double>{0});
  }
};
DatedRun dated_run(std::span<const std::string> names, std::string_view format) {
  DatedRun now, longest;
  const auto finish = [&] {
    if (now.run.count > longest.run.count) longest = std::move(now);
    now = {};
  };
  for (size_t c = 0; c < names.size(); ++c) {
    const auto date = format.empty() ? parse_date(names[c]) : parse_date(names[c], format);
    if (!date) continue;
    if (now.run.count > 0 && *date <= now.run.last) finish();
    now.run.take(c, *date, true);
    now.dates.push_back(*date);
  }
  finish();
  longest.run.columns.dated = true;
  if (!format.empty()) longest.run.columns.formats = {std::string(format)};
  return longest;
}

// Of the usual formats that of the longest run, and of several the one whose dates are evenly spaced, if that is one.
StepRun usual_dated_run(std::span<const std::string> names) {
  std::vector<DatedRun> longest, even;
  const auto try_format = [&](std::string_view format) {
    DatedRun own = dated_run(names, format);
    if (own.run.count == 0) return;
    if (!longest.empty() && own.run.count > longest[0].run.count) longest.clear();
    if (longest.empty() || own.run.count == longest[0].run.count) longest.push_back(std::move(own));
  };
  std::ranges::for_each(usual_days(), try_format);
  std::ranges::for_each(std::array{"%Y%m%d", "%Y%m", "%Y%m%d%H"}, try_format);
  if (longest.empty()) return {};
  std::ranges::copy_if(longest, std::back_inserter(even), &DatedRun::is_even);
  const std::vector<DatedRun>& likely = even.size() == 1 ? even : longest;
  StepRun run = likely[0].run;
  for (const DatedRun& other : std::span(likely).subspan(1)) {
    run.columns.formats.push_back(other.run.columns.formats[0]);
  }
  return run;
}

}  // namespace

std::optional<StepColumns> find_step_columns(std::span<const std::string> names, std::string_view time_format) {
  std::map<std::string, StepRun> numbered;  // by their prefixes
  StepRun longest = dated_run(names, time_format).run;
  const auto longer = [&longest](const StepRun& run) {
    if (run.count > longest.count) longest = run;
  };
  if (time_format.empty()) longer(usual_dated_run(names));
  for (size_t c = 0; c < names.size(); ++c) {
    const std::string& name = names[c];
    const size_t digits = name.find_last_not_of("0123456789") + 1;
    const auto number = parse_number(std::string_view(name).substr(digits));
    if (!number || digits == name.size()) continue;
    StepRun& run = numbered[name.substr(0, digits)];
    run.take(c, *number, *number == run.last + 1);
    longer(run);
  }
  if (longest.count < kFewestStepColumns || longest.count * 2 <= names.size()) return std::nullopt;
  return longest.columns;
}

}  // namespace recur::internal
