// What the three layouts of tables share: roles as positions, checked rows, times, labels. For their sources alone.
#pragma once

#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_set.h"
#include "recur/data/sequences/value_of.h"
#include "recur/data/tables/table.h"

namespace recur::internal {

// The positions of the columns of each role.
struct RoleColumns {
  std::optional<size_t> time, parameter, value, step_label;
  std::vector<size_t> times;  // of a time in several columns; `time` is the first
  std::vector<size_t> ids;    // usually one
  std::vector<size_t> labels, statics;

  RoleColumns(const TableHead& head, const Columns& columns);
};

// Adds to what the sequences hold; throws Error when that is more than options.max_values.
class ValueBudget {
 public:
  explicit ValueBudget(const SequenceOptions& options) : left_(options.max_values), all_(left_) {}
  void take(const std::string& file, size_t values) {
    left_ -= static_cast<int64_t>(values);
    if (left_ < 0) fail("{}: more than {} values, the most that are allowed (max_values)", file, all_);
  }

 private:
  int64_t left_, all_;
};

// A table being read into a set.
class TableRows {
 public:
  TableRows(OpenTable table, const SequenceOptions& options);

  bool next();  // to the next row; throws Error when its number of cells is not the header's
  const TableReader& table() const { return *table_.rows; }
  const TableHead& head() const { return table_.head; }
  const CellRules& rules() const { return rules_; }
  const RoleColumns& roles() const { return roles_; }
  int64_t rows() const { return rows_; }
  std::string_view cell(size_t column) const { return cells_[column]; }

  TimeKind time_kind() const { return time_kind_; }
  TimeZone zone() const { return zone_; }
  double time();          // of the row; throws Error naming the cell
  std::string_view id();  // "1" without a column of ids; throws Error for an empty cell. Valid until the next call
  bool has_ids() const { return !roles_.ids.empty(); }
  // Less `offset`, NaN where missing. In a column of true and false these are 1 and 0.
  float number(size_t column, double offset = 0) const {
    double number = 0;
    const bool plain = plain_ && parse_number(cells_[column], number);
    if (plain && std::abs(number) <= kLargestNumber) return rounded(number - offset);
    return other_number(column, offset);  // missing, or an error
  }

  // A sequence that begins at this row, with its labels and static covariates.
  Sequence begin_sequence(std::string_view id) const;
  // Throws Error when this row of the sequence gives another label or static covariate.
  void check_same(const Sequence& s) const;

  // A set without sequences: names, files, columns.
  SequenceSet empty_set() const;
  // Adds what is to be said of the rows, when all have been read.
  void finish(SequenceSet& set) const;

  template <class... Args>
  [[noreturn]] void fail_cell(size_t column, fmt::format_string<Args...> format, Args&&... args) const {
    table_.rows->fail_cell(table_.head, column, format, std::forward<Args>(args)...);
  }

 private:
  float rounded(double value) const {
    if (is_tiny(value) && tiny_++ == 0) first_tiny_ = table_.rows->line();
    return static_cast<float>(value);
  }
  bool is_blank();
  void find_time_kind();
  double time_of_date(const Date& date);
  double joined_time_of_row();
  float other_number(size_t column, double offset) const;
  bool is_boolean(size_t column) const;
  std::string text(size_t column) const;
  std::string label(size_t column) const;
  struct CellRole {
    std::string_view name;
    std::string (TableRows::*read)(size_t column) const;
    std::string_view hint;  // behind the message that it changes within a sequence
  };
  void check_cell(const Sequence& s, size_t column, const std::string& first, const CellRole& role) const;

  OpenTable table_;
  std::span<const std::string_view> cells_;  // of the row
  const SequenceOptions& options_;
  CellRules rules_;
  const bool plain_ = rules_.plain();
  RoleColumns roles_;
  TimeKind time_kind_ = TimeKind::kNone;
  bool clock_ = false;  // times are HH:MM
  DateReader dates_;
  TimeZone zone_;  // of the first date
  bool zones_differ_ = false, first_time_ = true;
  std::vector<std::string_view> time_cells_;  // of the row, where its time is in several
  std::string id_;                            // of several cells
  int64_t rows_ = 0;
  int64_t blank_ = 0, first_blank_ = 0;        // rows without any cell, and the line of the first
  mutable int64_t tiny_ = 0, first_tiny_ = 0;  // values of that kind, and the line of the first
};

}  // namespace recur::internal
