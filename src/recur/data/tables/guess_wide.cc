#include "recur/data/tables/guess_wide.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/left_out.h"
#include "recur/data/tables/step_columns.h"

namespace recur::internal {
namespace {

bool has_names(const ColumnRoles& roles, size_t column) {
  return roles.free(column) && roles.profiles[column].words && roles.profiles[column].present > 0;
}

void take_label(ColumnRoles& roles) {
  ColumnRoles::Column label = roles.named(kLabelNames);
  const Profile& first = roles.profiles[0];
  const bool ucr = !roles.head.header && first.kind == CellKind::kNumber && first.whole && first.repeats() &&
                   roles.free(0) && roles.columns.id.empty();
  if (!label && ucr) label = 0;
  if (label) roles.take(*label, roles.columns.labels);
}

// `in_front`: so many columns stand in front of named steps. What is called so and differs from row to row, else
// another column of names that does, else, in front of the steps, a first column of whole numbers; else what is called
// so.
void take_id(ColumnRoles& roles, bool steps_named, size_t in_front) {
  const auto differs = [&](size_t c) { return roles.free(c) && !roles.profiles[c].repeats(); };
  const ColumnRoles::Column named = roles.named(kIdNames);
  if (named && (differs(*named) || !steps_named)) return roles.take(*named, roles.columns.id);
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    if (has_names(roles, c) && differs(c)) return roles.take(c, roles.columns.id);
  }
  const Profile& first = roles.profiles[0];
  const bool numbers = first.kind == CellKind::kNumber && first.whole && first.present == roles.rows();
  if (in_front > 0 && numbers && roles.rows() > 1 && differs(0)) {
    roles.notes.push_back(
        fmt::format("{}: column {} is taken for the id, since it differs from row to row; set id_column to another",
                    roles.file, quoted_cell(roles.head.names[0])));
    return roles.take(0, roles.columns.id);
  }
  if (named) roles.take(*named, roles.columns.id);
}

// Throws UsageError for a date that stands behind a later one, and leaves out, with a note, other columns of numbers
// among the dates.
void check_dated_steps(ColumnRoles& roles, const StepColumns& steps) {
  const std::string format = steps.formats.empty() ? std::string() : steps.formats[0];
  const auto date_of = [&](const std::string& name) {
    return format.empty() ? parse_date(name) : parse_date(name, format);
  };
  std::vector<std::string> others;
  std::optional<size_t> before;
  for (size_t c = 0; c < roles.head.names.size(); ++c) {
    const auto date = date_of(roles.head.names[c]);
    if (date && before && *date <= *date_of(roles.head.names[*before])) {
      fail_usage("{}: the column {} stands behind {}: steps of a wide table are read in the order of their columns",
                 roles.file, quoted_cell(roles.head.names[c]), quoted_cell(roles.head.names[*before]));
    }
    if (date) before = c;
    if (date || !steps.contain(c) || !roles.free(c)) continue;
    others.push_back(roles.head.names[c]);
    roles.take(c, roles.columns.ignored);
  }
  if (others.empty()) return;
  roles.notes.push_back(fmt::format("{}: {} among those of dates left out: {}", roles.file,
                                    counted(std::ssize(others), "column is", "columns are"), listed(others)));
}

void leave_out_beside(ColumnRoles& roles, const StepColumns& steps) {
  std::vector<std::string> names;
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    const CellKind kind = roles.profiles[c].kind;
    if (!roles.free(c) || steps.contain(c) || (kind != CellKind::kNumber && kind != CellKind::kMissing)) continue;
    names.push_back(roles.head.names[c]);
    roles.take(c, roles.columns.ignored);
  }
  if (names.empty()) return;
  roles.notes.push_back(fmt::format(
      "{}: {} left out, not being called as steps are, {} to {}: {}; label_column, id_column or "
      "static_columns can name {}",
      roles.file, counted(std::ssize(names), "column is", "columns are"), quoted_cell(roles.head.names[steps.first]),
      quoted_cell(roles.head.names[steps.last]), listed(names), names.size() == 1 ? "it" : "them"));
}

}  // namespace

void guess_roles_of_wide(ColumnRoles& roles) {
  const auto steps = roles.head.header ? find_step_columns(roles.head.names, roles.options.time_format) : std::nullopt;
  if (roles.columns.labels.empty() && roles.options.need_labels) take_label(roles);
  if (roles.columns.id.empty()) take_id(roles, steps.has_value(), steps ? steps->first : 0);
  if (roles.head.header && roles.columns.values.empty()) leave_out_row_numbers(roles);
  for (size_t c = 0; c < roles.profiles.size(); ++c) {
    if (!has_names(roles, c)) continue;
    // Without another label, the names that classes have are those that repeat.
    const bool label = roles.columns.labels.empty() && roles.options.need_labels && roles.profiles[c].repeats();
    roles.take(c, label ? roles.columns.labels : roles.columns.statics);
  }
  if (!steps) return;
  if (steps->dated) check_dated_steps(roles, *steps);
  leave_out_beside(roles, *steps);
  roles.columns.dated = steps->dated && steps->formats.size() < 2;
  if (steps->formats.size() > 1) {
    roles.notes.push_back(
        fmt::format("{}: the dates that columns are called by, such as {}, may be {} or {}: set "
                    "time_format to what they are, to read the times",
                    roles.file, quoted_cell(roles.head.names[steps->first]), steps->formats[0], steps->formats[1]));
  } else if (roles.options.time_format.empty() && !steps->formats.empty()) {
    roles.columns.time_format = steps->formats[0];
  }
}

}  // namespace recur::internal
