#include "recur/data/tables/step_columns.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

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
StepRun dated_run(std::span<const std::string> names, std::string_view format) {
  StepRun run, longest;
  for (size_t c = 0; c < names.size(); ++c) {
    const auto date = format.empty() ? parse_date(names[c]) : parse_date(names[c], format);
    if (!date) continue;
    run.take(c, *date, *date > run.last);
    if (run.count > longest.count) longest = run;
  }
  longest.columns.time_format = format;
  return longest;
}

// Of the usual formats that of the longest run; no format where it could be of several.
StepRun usual_dated_run(std::span<const std::string> names) {
  StepRun longest;
  const auto try_format = [&](std::string_view format) {
    const StepRun run = dated_run(names, format);
    if (run.count > longest.count) {
      longest = run;
    } else if (run.count == longest.count && run.count > 0) {
      longest.columns.time_format.clear();
    }
  };
  std::ranges::for_each(usual_days(), try_format);
  std::ranges::for_each(std::array{"%Y%m%d", "%Y%m", "%Y%m%d%H"}, try_format);
  return longest;
}

}  // namespace

std::optional<StepColumns> find_step_columns(std::span<const std::string> names, std::string_view time_format) {
  std::map<std::string, StepRun> numbered;  // by their prefixes
  StepRun longest = dated_run(names, time_format);
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
