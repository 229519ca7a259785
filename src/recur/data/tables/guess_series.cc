#include "recur/data/tables/guess_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/plain_text.h"
#include "recur/data/tables/date_time.h"

namespace recur::internal {
namespace {

constexpr size_t kFewestInOrder = 10;  // of a table whose order says anything
constexpr size_t kFewestOfSeries = 3;  // of a series, on average

// Words in the names of columns that count steps, or seconds.
constexpr std::array<std::string_view, 17> kTimeWords{
    "t",      "ts",    "time",   "times", "timestamp", "timestep", "step",       "steps", "cycle",
    "cycles", "frame", "frames", "tick",  "epoch",     "unixtime", "timestamps", "sec"};

// Seconds, or a thousandth, millionth or billionth of them, since 1970, of the years 1985 to 2130.
bool is_epoch(double number) {
  for (const double unit : {1.0, 1e3, 1e6, 1e9}) {
    if (number >= 4.8e8 * unit && number < 5e9 * unit) return true;
  }
  return false;
}

class SeriesFinder {
 public:
  explicit SeriesFinder(const ColumnRoles& roles) : roles_(roles) {}

  std::optional<IdAndTime> run() {
    for (size_t id = 0; id < roles_.profiles.size(); ++id) {
      if (!may_be_id(id)) continue;
      starts_ = starts_of(id);
      if (starts_.size() < 2 || starts_.size() * kFewestOfSeries > roles_.rows()) continue;
      for (size_t time = 0; time < roles_.profiles.size(); ++time) {
        if (time != id && rises_anew(time) && !may_be_calendar(id, time) && roles_.leaves_values(id, time)) {
          return IdAndTime{.id = id, .time = time};
        }
      }
    }
    return std::nullopt;
  }

 private:
  const Profile& cells(size_t column) const { return roles_.profiles[column]; }
  std::string_view name(size_t column) const {
    return roles_.head.header ? std::string_view(roles_.head.names[column]) : std::string_view();
  }
  double number(size_t row, size_t column) const { return roles_.rules.number(roles_.cell(row, column)).value_or(0); }
  bool is_full_number(size_t column) const {
    return cells(column).kind == CellKind::kNumber && cells(column).present == roles_.rows();
  }

  bool may_be_id(size_t column) const {
    const bool names = cells(column).kind == CellKind::kText || (is_full_number(column) && cells(column).whole);
    const std::string small = lower_ascii(name(column));
    const auto is = [&small](Names known) { return std::ranges::find(known, small) != known.end(); };
    return names && roles_.free(column) && cells(column).present == roles_.rows() && !is(kLabelNames) &&
           !is(kAnomalyNames) && !has_word(name(column), kDateWords);
  }

  // The first row of each run of equal cells; none where a cell comes again behind another.
  std::vector<size_t> starts_of(size_t id) const {
    std::vector<size_t> starts;
    std::set<std::string_view> seen;
    for (size_t row = 0; row < roles_.rows(); ++row) {
      if (row > 0 && roles_.cell(row, id) == roles_.cell(row - 1, id)) continue;
      if (!seen.insert(roles_.cell(row, id)).second) return {};
      starts.push_back(row);
    }
    return starts;
  }

  // Whether numbers rise from row to row but at each start, where they fall. By a constant they count; else they must
  // look like a time, or be called so.
  bool rises_anew(size_t column) const {
    if (!roles_.free(column) || !is_full_number(column) || has_word(name(column), kDateWords)) return false;
    bool constant = cells(column).whole, epoch = true;
    std::optional<double> step;
    auto start = starts_.begin();
    for (size_t row = 0; row < roles_.rows(); ++row) {
      epoch = epoch && is_epoch(number(row, column));
      const bool first = start != starts_.end() && *start == row;
      if (first) ++start;
      if (row == 0) continue;
      const double rise = number(row, column) - number(row - 1, column);
      if (first ? rise >= 0 : rise <= 0) return false;
      if (first) continue;
      constant = constant && rise == step.value_or(rise);
      step = rise;
    }
    return constant || epoch || has_word(name(column), kTimeWords);
  }

  // Days within months and the like, whatever they are called: years, or numbers up to 31 of both columns.
  bool may_be_calendar(size_t id, size_t time) const {
    if (has_word(name(time), kTimeWords)) return false;
    constexpr double kFirstYear = 1700, kLastYear = 2200, kMostDays = 31;
    double least = std::numeric_limits<double>::infinity(), greatest = -least, latest = -least;
    for (size_t row = 0; row < roles_.rows(); ++row) {
      latest = std::max(latest, number(row, time));
      if (cells(id).kind == CellKind::kText) continue;
      least = std::min(least, number(row, id));
      greatest = std::max(greatest, number(row, id));
    }
    if (cells(id).kind != CellKind::kText) {
      return (least >= kFirstYear && greatest <= kLastYear) || (greatest <= kMostDays && latest <= kMostDays);
    }
    return std::ranges::any_of(cells(id).values, [](const std::string& cell) {
      return parse_date(trimmed(cell), "%b").has_value() || parse_date(trimmed(cell), "%a").has_value();
    });
  }

  const ColumnRoles& roles_;
  std::vector<size_t> starts_;  // of the runs of the id at hand
};

}  // namespace

std::optional<IdAndTime> guess_series(ColumnRoles& roles) {
  if (roles.rows() < kFewestInOrder) return std::nullopt;
  const auto found = SeriesFinder(roles).run();
  if (found) {
    const std::string id = quoted_cell(roles.head.names[found->id]), time = quoted_cell(roles.head.names[found->time]);
    roles.notes.push_back(
        fmt::format("{}: column {} is taken for the id of series and {} for their time, since it starts anew where {} "
                    "changes; set id_column and time_column to others, or name both in value_columns",
                    roles.file, id, time, id));
  }
  return found;
}

}  // namespace recur::internal
