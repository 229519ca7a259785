#include "recur/data/tables/left_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/row_order.h"
#include "recur/data/tables/usual_dates.h"

namespace recur::internal {
namespace {

constexpr size_t kFewestRows = 10;  // that a first column must count to be taken for the numbers of rows

}  // namespace

void leave_out_row_numbers(ColumnRoles& roles) {
  const auto is_number = [&](size_t c) { return roles.free(c) && roles.profiles[c].kind == CellKind::kNumber; };
  int64_t numbers = 0;
  for (size_t c = 0; c < roles.profiles.size(); ++c) numbers += is_number(c) ? 1 : 0;
  if (numbers < 2) return;  // what counts is all there is
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    const bool nameless = roles.head.header && roles.head.names[c] == fmt::format("#{}", c + 1);
    const bool called =
        roles.head.header && std::ranges::find(kRowNames, lower_ascii(roles.head.names[c])) != kRowNames.end();
    const bool first = c == 0 && roles.rows() >= kFewestRows;
    if (!roles.free(c) || !(nameless || called || first) || !counts(roles, c, std::nullopt)) continue;
    const double from = roles.rules.number(roles.cell(0, c)).value_or(-1),
                 next = roles.rules.number(roles.cell(1, c)).value_or(-1);
    if ((from != 0 && from != 1) || next != from + 1) continue;
    roles.notes.push_back(fmt::format("{}: column {} is left out: it counts the rows; value_columns can name it",
                                      roles.file, quoted_cell(roles.head.names[c])));
    roles.take(c, roles.columns.ignored);
  }
}

std::string left_out_note(const ColumnRoles& roles, size_t column) {
  const std::string name = lower_ascii(roles.head.names[column]);
  std::string note =
      fmt::format("{}: column {} is left out: it is text", roles.file, shortened(roles.head.names[column]));
  const std::vector<std::string> formats = usual_formats(roles, column);
  if (formats.size() == 1) return note + fmt::format("; set time_format = {} to read its dates", formats[0]);
  if (formats.size() > 1) {
    return note + fmt::format("; its dates may be {} or {}: set time_format to what they are", formats[0], formats[1]);
  }
  if (std::ranges::find(kTimeNames, name) != kTimeNames.end()) return note + "; set time_format to read dates";
  const auto& values = roles.profiles[column].values;
  const auto signed_number =
      std::ranges::find_if(values, [](const auto& cell) { return !sign_beside_number(cell).empty(); });
  if (signed_number != values.end()) {
    return note + fmt::format(", such as {}; numbers are written without {}", quoted_cell(*signed_number),
                              sign_beside_number(*signed_number));
  }
  const bool truth = std::ranges::any_of(values, [](const auto& cell) { return parse_boolean(cell).has_value(); });
  return truth && roles.profiles[column].binary ? note + "; value_columns takes True and False for 1 and 0" : note;
}

void fail_no_values(const ColumnRoles& roles) {
  std::string hint;
  for (size_t c = 0; c < roles.profiles.size() && hint.empty(); ++c) {
    for (const std::string& cell : roles.profiles[c].values) {
      if (sign_beside_number(cell).empty()) continue;
      hint = fmt::format("; column {} has {}: numbers are written without {}", quoted_cell(roles.head.names[c]),
                         quoted_cell(cell), sign_beside_number(cell));
      break;
    }
  }
  fail_usage("{}: no column of numbers is left for values; value_columns can name one; columns: {}{}", roles.file,
             listed(roles.head.names), hint);
}

}  // namespace recur::internal
