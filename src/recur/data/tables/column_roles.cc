#include "recur/data/tables/column_roles.h"

#include <fmt/format.h>

#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/missing_column.h"

namespace recur::internal {

ColumnRoles::ColumnRoles(const TableHead& table_head, const TableOptions& table_options, const std::string& file_name)
    : head(table_head),
      options(table_options),
      file(file_name),
      rules(table_options),
      columns(table_options.columns),
      notes(table_head.notes) {
  if (!head.marks.plain()) rules.marks = head.marks;
  resolve_declared();
}

void ColumnRoles::look_at_cells() {
  for (size_t column = 0; column < head.names.size(); ++column) {
    profiles.push_back(profile_of(head, column, rules, !options.time_format.empty()));
  }
}

void ColumnRoles::resolve(std::string& name, bool needed) {
  if (name.empty()) return;
  const auto column = head.find(name);
  if (!column && !needed) return name.clear();
  if (!column && name == options.may_lack) return;
  if (!column) fail_missing_column(file, name, head.names, !columns.complete);
  if (!used_.insert(*column).second) fail_usage("{}: column {} is declared for two things", file, quoted_cell(name));
  name = head.names[*column];
}

void ColumnRoles::resolve(std::vector<std::string>& names, bool needed) {
  for (std::string& name : names) resolve(name, needed);
  std::erase(names, "");
}

void ColumnRoles::resolve_id() {
  const auto names =
      joined_columns(columns.id, [this](const std::string& name) { return head.find(name).has_value(); });
  if (names.size() < 2) return resolve(columns.id);
  std::vector<std::string> resolved = names;
  resolve(resolved);
  columns.id = fmt::format("{}", fmt::join(resolved, ","));
  std::vector<size_t> columns_of_id;
  for (const std::string& name : resolved) columns_of_id.push_back(*head.find(name));
  join_ids(columns_of_id);
}

void ColumnRoles::resolve_time() {
  std::vector<std::string> parts =
      joined_columns(columns.time, [this](const std::string& name) { return head.find(name).has_value(); });
  if (parts.size() < 2) return resolve(columns.time);
  resolve(parts);
  std::vector<size_t> columns_of_time;
  for (const std::string& name : parts) columns_of_time.push_back(*head.find(name));
  take_joined_time(std::move(columns_of_time));
}

void ColumnRoles::resolve_declared() {
  resolve_id();
  resolve_time();
  resolve(columns.parameter);
  resolve(columns.value);
  resolve(columns.labels, options.need_labels);
  resolve(columns.step_labels, options.need_labels);
  if (columns.step_labels.size() > 1) fail_usage("{}: a step has one label; several columns are declared", file);
  // In the layout of observations the others name parameters, not columns.
  if (columns.layout == Layout::kObservations || (columns.layout == Layout::kAuto && names_parameters())) return;
  resolve(columns.ignored, false);
  resolve(columns.values);
  resolve(columns.past);
  resolve(columns.future);
  resolve(columns.statics);
}

void ColumnRoles::take(size_t column, std::string& role) {
  role = head.names[column];
  used_.insert(column);
}

void ColumnRoles::take(size_t column, std::vector<std::string>& role) {
  role.push_back(head.names[column]);
  used_.insert(column);
}

void ColumnRoles::take_joined_time(std::vector<size_t> parts) {
  columns.time.clear();
  for (const size_t column : parts) {
    columns.time += (columns.time.empty() ? "" : ",") + head.names[column];
    used_.insert(column);
  }
  joined_time_ = std::move(parts);
}

void ColumnRoles::join_ids(std::span<const size_t> columns_of_id) {
  joined_ids_.clear();
  for (size_t row = 0; row < head.rows.size(); ++row) {
    std::string joined;
    for (const size_t column : columns_of_id) {
      if (!joined.empty()) joined += kIdJoint;
      joined += trimmed(cell(row, column));
    }
    joined_ids_.push_back(std::move(joined));
  }
}

void ColumnRoles::take_joined_ids(std::span<const size_t> columns_of_id) {
  join_ids(columns_of_id);
  columns.id.clear();
  for (const size_t column : columns_of_id) {
    columns.id += (columns.id.empty() ? "" : ",") + head.names[column];
    used_.insert(column);
  }
}

std::string_view ColumnRoles::cell(size_t row, size_t column) const {
  const auto& cells = head.rows[row];
  if (column == head.names.size()) return joined_ids_[row];
  return column < cells.size() ? std::string_view(cells[column]) : std::string_view();
}

ColumnRoles::Column ColumnRoles::named(Names names) const {
  if (!head.header) return std::nullopt;
  for (const std::string_view wanted : names) {
    for (size_t column = 0; column < head.names.size(); ++column) {
      if (free(column) && lower_ascii(head.names[column]) == wanted) return column;
    }
  }
  return std::nullopt;
}

bool ColumnRoles::leaves_values(size_t id, size_t time) const {
  if (!columns.values.empty()) return true;
  for (size_t c = 0; c < profiles.size(); ++c) {
    if (c != id && c != time && free(c) && profiles[c].kind == CellKind::kNumber) return true;
  }
  return false;
}

bool ColumnRoles::names_parameters() const {
  return !columns.parameter.empty() || (named(kParameterNames) && named(kValueNames));
}

}  // namespace recur::internal
