#include "recur/data/sequences/table_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "recur/base/counted.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/joined_time.h"
#include "recur/data/tables/label_cell.h"

namespace recur::internal {
namespace {

// Labels that change only late in a file are not seen as such when its columns are guessed.
constexpr std::string_view kHintOfSteps =
    "; if each step has a label of its own: the task recognize reads them with labels = frames and label_column";

std::optional<size_t> position(const TableHead& head, const std::string& name) {
  return name.empty() ? std::nullopt : head.find(name);
}

std::vector<size_t> positions(const TableHead& head, const std::vector<std::string>& names) {
  std::vector<size_t> out;
  for (const std::string& name : names) {
    if (const auto at = head.find(name)) out.push_back(*at);
  }
  return out;
}

}  // namespace

RoleColumns::RoleColumns(const TableHead& head, const Columns& columns)
    : time(position(head, columns.time)),
      parameter(position(head, columns.parameter)),
      value(position(head, columns.value)),
      ids(positions(head,
                    joined_columns(columns.id, [&head](const auto& name) { return head.find(name).has_value(); }))),
      labels(positions(head, columns.labels)),
      statics(positions(head, columns.statics)) {
  const auto parts = joined_columns(columns.time, [&head](const auto& name) { return head.find(name).has_value(); });
  if (parts.size() > 1) {
    times = positions(head, parts);
    time = times[0];
  }
  if (!columns.step_labels.empty()) step_label = position(head, columns.step_labels[0]);
}

TableRows::TableRows(OpenTable table, const SequenceOptions& options)
    : table_(std::move(table)), options_(options), rules_(options), roles_(table_.head, options.columns) {
  if (roles_.time) find_time_kind();
}

bool TableRows::next() {
  do {
    if (!table_.rows->next()) return false;
    cells_ = table_.rows->cells();
  } while (is_blank());
  ++rows_;
  const size_t expected = table_.head.names.size(), got = cells_.size();
  if (got != expected && options_.columns.layout != Layout::kWide) {
    table_.rows->fail_here("expected {} columns, got {}", expected, got);
  }
  return true;
}

// Whether a row has empty cells alone, as spreadsheets leave them behind the last one; they are counted. A single
// column of values may have such rows in its midst.
bool TableRows::is_blank() {
  const bool blank = cells_.size() > 1 && roles_.time &&
                     std::ranges::all_of(cells_, [](std::string_view cell) { return trimmed(cell).empty(); });
  if (blank && blank_++ == 0) first_blank_ = table_.rows->line();
  return blank;
}

// By the first cell that is there; the others must be of the same kind.
void TableRows::find_time_kind() {
  time_kind_ = roles_.times.empty() ? TimeKind::kNumber : TimeKind::kDate;
  if (!roles_.times.empty()) return;
  for (const auto& row : table_.head.rows) {
    if (*roles_.time >= row.size()) continue;
    const CellKind kind = rules_.kind(row[*roles_.time]);
    if (kind == CellKind::kMissing) continue;
    const bool by_format = !rules_.time_format.empty();
    if (kind == CellKind::kDate || kind == CellKind::kText || by_format) time_kind_ = TimeKind::kDate;
    clock_ = kind == CellKind::kClock;
    return;
  }
}

double TableRows::time_of_date(const Date& date) {
  if (first_time_) zone_ = date.zone;
  first_time_ = false;
  zones_differ_ = zones_differ_ || date.zone != zone_;
  return date.seconds;
}

double TableRows::joined_time_of_row() {
  std::vector<std::string_view>& cells = time_cells_;
  cells.clear();
  for (const size_t column : roles_.times) {
    cells.push_back(cell(column));
    if (rules_.is_missing(cells.back())) {
      fail_cell(column, "the time is missing, which is in {} columns; value_columns can make them channels",
                roles_.times.size());
    }
  }
  if (const auto date = joined_time(cells, rules_)) return time_of_date(*date);
  if (has_time_of_day(rules_.time_format) || cells.size() > 2 || is_by_cells(rules_.time_format, cells.size())) {
    std::vector<std::string> quoted;
    for (const std::string_view each : cells) quoted.push_back(quoted_cell(each));
    fail_cell(*roles_.time, "expected a date like {} in {} columns, got {}; value_columns can make them channels",
              rules_.time_format, cells.size(), fmt::join(quoted, ", "));
  }
  const std::string_view day = cells[0], clock = cells[1];
  if (!rules_.zoned_date(trimmed(day))) {
    fail_cell(*roles_.time, "expected a day such as {}, got {}{}",
              rules_.time_format.empty() ? "2016-07-01" : rules_.time_format, quoted_cell(day),
              rules_.time_format.empty() ? "; other forms need a time format" : "");
  }
  fail_cell(roles_.times[1], "expected a time of day such as 17:24 behind a day, got {}", quoted_cell(clock));
}

double TableRows::time() {
  if (!roles_.times.empty()) return joined_time_of_row();
  const std::string_view cell = this->cell(*roles_.time);
  if (time_kind_ == TimeKind::kNumber && !clock_) {
    if (const auto number = rules_.number(cell)) return *number;
  }
  if (rules_.is_missing(cell)) fail_cell(*roles_.time, "the time is missing");
  if (time_kind_ == TimeKind::kDate) {
    if (const auto date = rules_.time_format.empty() ? dates_.read(cell) : rules_.zoned_date(cell)) {
      return time_of_date(*date);
    }
    if (!rules_.time_format.empty()) {
      fail_cell(*roles_.time, "expected a date like {}, got {}", rules_.time_format, quoted_cell(cell));
    }
    fail_cell(*roles_.time, "expected a date such as 2016-07-01 12:00, got {}; other forms need a time format",
              quoted_cell(cell));
  }
  const auto number = clock_ ? parse_clock(cell) : parse_number(cell);
  if (!number)
    fail_cell(*roles_.time, "expected a time {}, got {}", clock_ ? "HH:MM" : "as a number", quoted_cell(cell));
  return *number;
}

std::string_view TableRows::id() {
  if (roles_.ids.empty()) return "1";
  const auto part = [this](size_t column) {
    const std::string_view cell = trimmed(this->cell(column));
    if (cell.empty()) fail_cell(column, "the id is empty");
    return cell;
  };
  if (roles_.ids.size() == 1) return part(roles_.ids[0]);
  id_.clear();
  for (const size_t column : roles_.ids) {
    if (!id_.empty()) id_ += kIdJoint;
    id_ += part(column);
  }
  return id_;
}

// Whether the first rows have no more than true, false and numbers like them.
bool TableRows::is_boolean(size_t column) const {
  bool any = false;
  for (const auto& row : table_.head.rows) {
    if (column >= row.size() || rules_.is_missing(row[column])) continue;
    const bool truth = parse_boolean(row[column]).has_value();
    const auto number = rules_.number(row[column]);
    if (!truth && !(number && (*number == 0 || *number == 1))) return false;
    any = any || truth;
  }
  return any;
}

float TableRows::other_number(size_t column, double offset) const {
  const auto number = rules_.number(cells_[column]);
  if (number && std::abs(*number) <= kLargestNumber) return rounded(*number - offset);
  const auto truth = parse_boolean(cells_[column]);
  if (truth && !rules_.is_missing(cells_[column]) && is_boolean(column)) return static_cast<float>(*truth);
  return rounded(number_cell(*table_.rows, table_.head, rules_, column) - offset);
}

std::string TableRows::text(size_t column) const {
  const std::string_view cell = this->cell(column);
  return rules_.is_missing(cell) ? std::string() : canonical_label(cell);
}

std::string TableRows::label(size_t column) const { return label_cell(cell(column), rules_); }

Sequence TableRows::begin_sequence(std::string_view id) const {
  Sequence s;
  s.id = id;
  s.place.line = table_.rows->line();
  for (const size_t column : roles_.labels) s.labels.push_back(label(column));
  for (const size_t column : roles_.statics) s.statics.push_back(text(column));
  return s;
}

void TableRows::check_same(const Sequence& s) const {
  for (size_t i = 0; i < roles_.labels.size(); ++i) {
    check_cell(s, roles_.labels[i], s.labels[i], {"label", &TableRows::label, kHintOfSteps});
  }
  for (size_t i = 0; i < roles_.statics.size(); ++i) {
    check_cell(s, roles_.statics[i], s.statics[i], {"static covariate", &TableRows::text, ""});
  }
}

void TableRows::check_cell(const Sequence& s, size_t column, const std::string& first, const CellRole& role) const {
  const std::string_view cell = cells_[column];
  if (trimmed(cell) == first && !first.empty() && !rules_.is_missing(cell)) return;  // as most are
  const std::string here = (this->*role.read)(column);
  if (here == first) return;
  fail_cell(column, "the {} of sequence {} was {} and is {} here{}", role.name, quoted_cell(s.id), quoted_cell(first),
            quoted_cell(here), role.hint);
}

SequenceSet TableRows::empty_set() const {
  SequenceSet set;
  set.columns = options_.columns;
  set.files = {table_.rows->name()};
  set.time_kind = time_kind_;
  for (const size_t column : roles_.labels) set.labels.push_back(table_.head.names[column]);
  for (const size_t column : roles_.statics) set.statics.push_back(table_.head.names[column]);
  return set;
}

void TableRows::finish(SequenceSet& set) const {
  set.time_zone = zone_;
  for (std::string& note : table_.rows->notes()) set.notes.push_back(std::move(note));
  if (tiny_ > 0) set.notes.push_back(tiny_note(fmt::format("{}:{}", table_.rows->name(), first_tiny_), tiny_));
  if (blank_ > 0) {
    set.notes.push_back(fmt::format("{}:{}: {} left out, without a value in any cell", table_.rows->name(),
                                    first_blank_, counted(blank_, "row is", "rows are")));
  }
  if (zones_differ_) {
    set.notes.push_back(
        fmt::format("{}: the zones of its times differ; times are written in that of the first", table_.rows->name()));
  }
}

}  // namespace recur::internal
