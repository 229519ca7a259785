// The roles of the columns of a table while they are being found out: what is declared, what has been guessed so far,
// and what the first rows say.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/tables/column_profile.h"
#include "recur/data/tables/columns.h"
#include "recur/data/tables/table.h"
#include "recur/data/tables/usual_names.h"

namespace recur::internal {

class ColumnRoles {
 public:
  using Column = std::optional<size_t>;

  // Gives declared columns their roles. Throws UsageError for one that is not there or is declared twice.
  ColumnRoles(const TableHead& table_head, const TableOptions& table_options, const std::string& file_name);
  void look_at_cells();  // fills `profiles`

  const TableHead& head;
  const TableOptions& options;
  const std::string& file;
  CellRules rules;
  Columns columns;
  std::vector<std::string> notes;
  std::vector<Profile> profiles;  // of each column

  bool free(size_t column) const { return !used_.contains(column); }
  void take(size_t column, std::string& role);
  void take(size_t column, std::vector<std::string>& role);
  // The columns of `names` as one id: as the cells of one column more, behind all others.
  void join_ids(std::span<const size_t> columns_of_id);
  void take_joined_ids(std::span<const size_t> columns_of_id);
  void part_ids() { joined_ids_.clear(); }

  // `column` may be that of joined ids.
  std::string_view cell(size_t row, size_t column) const;
  size_t rows() const { return head.rows.size(); }
  Column named(Names names) const;  // a free one, where there is a header
  Column column_of(const std::string& name) const { return name.empty() ? std::nullopt : head.find(name); }
  // Of columns.time; of a time in several columns the one more behind that of joined ids.
  Column time_column() const { return has_joined_time() ? Column(head.names.size() + 1) : column_of(columns.time); }
  bool has_joined_time() const { return !joined_time_.empty(); }
  const std::vector<size_t>& joined_time() const { return joined_time_; }  // its columns, two or more
  void take_joined_time(std::vector<size_t> parts);
  Column id_column() const { return joined_ids_.empty() ? column_of(columns.id) : Column(head.names.size()); }
  bool leaves_values(size_t id, size_t time) const;  // whether channels are left where these columns are none
  bool names_parameters() const;                     // that and a value, as in the layout of observations

 private:
  void resolve_declared();
  void resolve_id();
  void resolve_time();
  void resolve(std::string& name, bool needed = true);
  void resolve(std::vector<std::string>& names, bool needed = true);

  std::vector<std::string> joined_ids_;  // of each row, where the id stands in several columns
  std::vector<size_t> joined_time_;
  std::set<size_t> used_;
};

}  // namespace recur::internal
