#include "recur/data/tables/step_columns.h"

#include <map>
#include <string_view>
#include <utility>

#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"

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

}  // namespace

std::optional<StepColumns> find_step_columns(std::span<const std::string> names) {
  std::map<std::string, StepRun> numbered;  // by their prefixes
  StepRun dates, longest;
  const auto longer = [&longest](const StepRun& run) {
    if (run.count > longest.count) longest = run;
  };
  for (size_t c = 0; c < names.size(); ++c) {
    const std::string& name = names[c];
    if (const auto date = parse_date(name)) {
      dates.take(c, *date, *date > dates.last);
      longer(dates);
    }
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
