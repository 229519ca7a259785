#include "recur/data/tables/guess_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <span>

#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/digit_loss.h"
#include "recur/data/tables/missing_column.h"

namespace recur {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 15> kIdNames{"id",        "item_id", "series",  "series_id", "series_name",
                                                    "unique_id", "record",  "subject", "recordid",  "record_id",
                                                    "clip",      "patient", "unit",    "sequence",  "case_id"};
constexpr std::array<std::string_view, 8> kTimeNames{"time", "date", "timestamp", "datetime",
                                                     "ds",   "t",    "time_step", "step"};
// Where they are numbers, these may be parts of a date, and do not grow with every row.
constexpr std::array<std::string_view, 4> kPartNames{"month", "day", "year", "hour"};
constexpr std::array<std::string_view, 2> kLabelNames{"label", "class"};
// Of steps, where anomalies are looked for and the cells say no more than yes or no.
constexpr std::array<std::string_view, 10> kAnomalyNames{"anomaly",     "is_anomaly", "anomalous", "outlier",
                                                         "is_outlier",  "fault",      "is_fault",  "attack",
                                                         "changepoint", "labels"};
// Of columns with the numbers of the rows, as data frames write them.
constexpr std::array<std::string_view, 8> kRowNames{"index", "unnamed: 0", "no",     "no.",
                                                    "row",   "row_id",     "rownum", "nr"};
// These count steps and are no dates, whatever their digits.
constexpr std::array<std::string_view, 3> kCounterNames{"t", "time_step", "step"};
constexpr std::array<std::string_view, 4> kParameterNames{"parameter", "variable", "channel", "measurement"};
constexpr std::array<std::string_view, 1> kValueNames{"value"};

constexpr size_t kFewestWide = 8;    // columns called v1, v2, ... that make a wide table
constexpr size_t kFewestOfUcr = 16;  // columns of an unnamed table whose first may be a label
constexpr size_t kFewestRows = 10;   // that a first column must count to be taken for the numbers of rows
constexpr double kMost = 0.9;        // the share of cells that makes a column's kind

// A column of the head.
struct Profile {
  CellKind kind = CellKind::kMissing;
  bool whole = false;            // all present cells are whole numbers
  size_t present = 0;            // cells that are not missing
  bool words = false;            // no present cell is a number
  bool dates = false;            // most present cells are dates of the time format
  bool binary = false;           // all present cells are 0 or 1, true or false, yes or no
  std::set<std::string> values;  // the different ones
  bool repeats() const { return values.size() < present; }
};

bool is_yes_or_no(std::string_view cell) {
  constexpr std::array<std::string_view, 6> kWords{"true", "false", "yes", "no", "normal", "anomaly"};
  return std::ranges::find(kWords, lower_ascii(trimmed(cell))) != kWords.end();
}

class Guess {
 public:
  Guess(const TableHead& head, const TableOptions& options, const std::string& file)
      : head_(head), options_(options), file_(file), rules_(options), columns_(options.columns) {}

  GuessedColumns run() {
    if (!head_.marks.plain()) rules_.marks = head_.marks;
    resolve_declared();
    if (columns_.complete) {
      if (options_.find_anomalies && columns_.step_labels.empty() && columns_.labels.empty()) take_later_label();
      return {std::move(columns_), std::move(notes_)};
    }
    const NumberMarks marks = head_.marks;
    if (options_.decimal.empty() && marks.decimal != '.') columns_.decimal = marks.decimal;
    if (options_.thousands.empty() && marks.thousands != '\0') columns_.thousands = marks.thousands;
    for (size_t column = 0; column < head_.names.size(); ++column) profiles_.push_back(profile(column));
    check_format_fits();
    if (columns_.layout == Layout::kAuto) columns_.layout = guess_layout();
    switch (columns_.layout) {
      case Layout::kWide:
        guess_wide();
        break;
      case Layout::kObservations:
        guess_observations();
        break;
      case Layout::kAuto:
      case Layout::kLong:
        guess_long();
        break;
    }
    choose_offsets();
    columns_.complete = true;
    return {std::move(columns_), std::move(notes_)};
  }

 private:
  using Column = std::optional<size_t>;

  // --- what is declared ---
  void resolve_declared();
  void resolve_id();
  void check_format_fits() const;
  void find_compact_dates(size_t time);
  std::string_view compact_format(size_t column) const;
  bool is_compact_time(size_t column) const;
  std::string left_out_note(size_t column) const;
  void leave_out_row_numbers();
  void take_later_label();
  void note_other_anomaly_values(size_t column);
  bool note_tiny(const std::string& channel, size_t column);
  void choose_offsets_of_observations();
  void check_not_series_as_columns() const;
  void choose_offsets();
  void add_offset(const std::string& channel, const DigitLoss& loss);
  DigitLoss digit_loss(size_t column) const;
  DigitLoss digit_loss_of_rows() const;
  void resolve(std::string& name, bool needed = true);
  void resolve(std::vector<std::string>& names, bool needed = true);
  void take(size_t column, std::string& role) {
    role = head_.names[column];
    used_.insert(column);
  }
  void take(size_t column, std::vector<std::string>& role) {
    role.push_back(head_.names[column]);
    used_.insert(column);
  }
  bool free(size_t column) const { return !used_.contains(column); }

  // --- what the cells say ---
  Profile profile(size_t column) const;
  std::string_view cell(size_t row, size_t column) const {
    const auto& cells = head_.rows[row];
    if (column == head_.names.size()) return joined_ids_[row];
    return column < cells.size() ? std::string_view(cells[column]) : std::string_view();
  }
  Column named(Names names) const;
  std::optional<double> time_of(size_t row, size_t column) const;
  bool times_rise(size_t time, Column id) const;
  bool counts(size_t column, Column id) const;
  bool constant_within(size_t column, Column id) const;
  Column column_of(const std::string& name) const { return name.empty() ? std::nullopt : head_.find(name); }
  Column id_column() const { return joined_ids_.empty() ? column_of(columns_.id) : Column(head_.names.size()); }
  void join_ids(std::span<const size_t> columns);

  // --- guesses ---
  bool names_parameters() const {
    return !columns_.parameter.empty() || (named(kParameterNames) && named(kValueNames));
  }
  Layout guess_layout();
  bool has_numbered_columns() const;
  bool dates_rise_beside_numbered_columns();
  void guess_wide();
  void guess_observations();
  void guess_long();
  Column guess_time() const;
  Column guess_id(Column time);
  Column guess_two_ids(size_t time);
  void guess_step_label_or_label(Column id);

  const TableHead& head_;
  const TableOptions& options_;
  const std::string& file_;
  CellRules rules_;
  Columns columns_;
  std::vector<std::string> joined_ids_;  // of each row, where the id stands in several columns: as of a column more
  std::vector<std::string> notes_;
  std::vector<Profile> profiles_;
  std::set<size_t> used_;
};

void Guess::resolve(std::string& name, bool needed) {
  if (name.empty()) return;
  const auto column = head_.find(name);
  if (!column && !needed) return name.clear();
  if (!column) fail_missing_column(file_, name, head_.names, !columns_.complete);
  if (!used_.insert(*column).second) fail_usage("{}: column {} is declared for two things", file_, quoted_cell(name));
  name = head_.names[*column];
}

void Guess::resolve(std::vector<std::string>& names, bool needed) {
  for (std::string& name : names) resolve(name, needed);
  std::erase(names, "");
}

// The cells of one column more, which ids that stand in several come from.
void Guess::join_ids(std::span<const size_t> columns) {
  joined_ids_.clear();
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    std::string joined;
    for (const size_t column : columns) {
      if (!joined.empty()) joined += kIdJoint;
      joined += trimmed(cell(row, column));
    }
    joined_ids_.push_back(std::move(joined));
  }
}

void Guess::resolve_id() {
  const auto names = id_columns(columns_.id, [this](const std::string& name) { return head_.find(name).has_value(); });
  if (names.size() < 2) return resolve(columns_.id);
  std::vector<std::string> resolved = names;
  resolve(resolved);
  columns_.id = fmt::format("{}", fmt::join(resolved, ","));
  std::vector<size_t> columns;
  for (const std::string& name : resolved) columns.push_back(*head_.find(name));
  join_ids(columns);
}

// A format that somebody stated is not to be dropped without a word.
void Guess::check_format_fits() const {
  const std::string& format = options_.time_format;
  if (format.empty()) return;
  const Column time = column_of(columns_.time);
  if (!time && std::ranges::any_of(profiles_, &Profile::dates)) return;
  const auto fits_format = [&](size_t row) { return rules_.date(cell(row, *time)).has_value(); };
  if (time &&
      (head_.rows.empty() || std::ranges::any_of(std::views::iota(size_t{0}, head_.rows.size()), fits_format))) {
    return;  // who reads the others names them
  }
  // The column that is meant: declared, else called time, else the one that fits most.
  Column meant = time ? time : named(kTimeNames);
  size_t most = 0;
  std::string misfit;
  for (size_t c = 0; c < profiles_.size(); ++c) {
    if (meant && *meant != c) continue;
    size_t fits = 0;
    std::string first;
    for (size_t row = 0; row < head_.rows.size(); ++row) {
      const std::string_view text = cell(row, c);
      if (rules_.is_missing(text)) continue;
      if (rules_.date(text)) {
        ++fits;
      } else if (first.empty()) {
        first = fmt::format("{} in row {} of column {}", quoted_cell(text), row + 1, quoted_cell(head_.names[c]));
      }
    }
    if (misfit.empty() || fits > most) misfit = first;
    most = std::max(most, fits);
  }
  fail_usage("{}: time_format '{}' does not fit {}", file_, format, misfit.empty() ? "any column" : misfit);
}

void Guess::resolve_declared() {
  resolve_id();
  resolve(columns_.time);
  resolve(columns_.parameter);
  resolve(columns_.value);
  resolve(columns_.labels, options_.need_labels);
  resolve(columns_.step_labels, options_.need_labels);
  if (columns_.step_labels.size() > 1) fail_usage("{}: a step has one label; several columns are declared", file_);
  // In the layout of observations the others name parameters, not columns.
  if (columns_.layout == Layout::kObservations || (columns_.layout == Layout::kAuto && names_parameters())) return;
  resolve(columns_.ignored, false);
  resolve(columns_.values);
  resolve(columns_.past);
  resolve(columns_.future);
  resolve(columns_.statics);
}

Profile Guess::profile(size_t column) const {
  std::array<size_t, 5> counts{};
  Profile profile;
  profile.whole = profile.words = profile.binary = true;
  size_t dates = 0;
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const std::string_view text = cell(row, column);
    const CellKind kind = rules_.kind(text);
    ++counts[static_cast<size_t>(kind)];
    if (kind == CellKind::kMissing) continue;
    ++profile.present;
    profile.values.emplace(text);
    const auto number = rules_.number(text);
    profile.whole = profile.whole && number && *number == std::floor(*number);
    dates += !options_.time_format.empty() && rules_.date(text) ? 1 : 0;
    profile.binary = profile.binary && ((number && (*number == 0 || *number == 1)) || is_yes_or_no(text));
    profile.words = profile.words && kind == CellKind::kText;
  }
  for (const CellKind kind : {CellKind::kNumber, CellKind::kDate, CellKind::kClock}) {
    const auto count = static_cast<double>(counts[static_cast<size_t>(kind)]);
    if (count > kMost * static_cast<double>(profile.present)) profile.kind = kind;
  }
  if (profile.present > 0 && profile.kind == CellKind::kMissing) profile.kind = CellKind::kText;
  profile.dates = dates * 2 > profile.present;  // the others are errors for who reads them
  profile.binary = profile.binary && profile.present > 0;
  return profile;
}

Guess::Column Guess::named(Names names) const {
  if (!head_.header) return std::nullopt;
  for (const std::string_view wanted : names) {
    for (size_t column = 0; column < head_.names.size(); ++column) {
      if (free(column) && lower_ascii(head_.names[column]) == wanted) return column;
    }
  }
  return std::nullopt;
}

std::optional<double> Guess::time_of(size_t row, size_t column) const {
  const std::string_view text = cell(row, column);
  if (profiles_[column].dates || (!columns_.time_format.empty() && column_of(columns_.time) == column)) {
    return columns_.time_format.empty() ? rules_.date(text) : parse_date(text, columns_.time_format);
  }
  switch (profiles_[column].kind) {
    case CellKind::kNumber:
      return rules_.number(text);
    case CellKind::kDate:
      return rules_.date(text);
    case CellKind::kClock:
      return parse_clock(text);
    default:
      return std::nullopt;
  }
}

// Whether times grow from row to row of a sequence.
bool Guess::times_rise(size_t time, Column id) const {
  std::map<std::string_view, double> last;
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const auto now = time_of(row, time);
    if (!now) continue;  // an error for who reads it
    const auto [at, first] = last.emplace(id ? cell(row, *id) : std::string_view(), *now);
    if (!first && *now <= at->second) return false;
    at->second = *now;
  }
  return true;
}

// Whether whole numbers grow by the same from row to row of every sequence.
bool Guess::counts(size_t column, Column id) const {
  const Profile& numbers = profiles_[column];
  if (!numbers.whole || numbers.kind != CellKind::kNumber || numbers.present < head_.rows.size()) return false;
  std::map<std::string_view, double> last;
  std::optional<double> step;
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const double now = *time_of(row, column);
    const auto [at, first] = last.emplace(id ? cell(row, *id) : std::string_view(), now);
    if (first) continue;
    if (!step) step = now - at->second;
    if (*step <= 0 || now - at->second != *step) return false;
    at->second = now;
  }
  return step.has_value();
}

bool Guess::constant_within(size_t column, Column id) const {
  std::map<std::string_view, std::string_view> seen;
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const std::string_view text = cell(row, column);
    const auto [at, first] = seen.emplace(id ? cell(row, *id) : std::string_view(), text);
    if (at->second != text) return false;
  }
  return true;
}

// Most columns are called by one prefix, that may be empty, and numbers that grow by one.
bool Guess::has_numbered_columns() const {
  if (!head_.header) return false;
  std::map<std::string, std::pair<size_t, double>> runs;  // of each prefix: how many, and the last number
  size_t longest = 0;
  for (const std::string& name : head_.names) {
    const size_t digits = name.find_last_not_of("0123456789") + 1;
    const auto number = parse_number(std::string_view(name).substr(digits));
    if (!number || digits == name.size()) continue;
    auto& [count, last] = runs[name.substr(0, digits)];
    count = count > 0 && *number == last + 1 ? count + 1 : 1;
    last = *number;
    longest = std::max(longest, count);
  }
  return longest >= kFewestWide && longest * 2 > head_.names.size();
}

// Dates that rise from row to row are those of steps, and columns called s1, s2, ... then series beside each other.
bool Guess::dates_rise_beside_numbered_columns() {
  for (size_t c = 0; c < profiles_.size(); ++c) {
    const bool date = profiles_[c].kind == CellKind::kDate || profiles_[c].dates;
    if (!date || profiles_[c].present < head_.rows.size() || head_.rows.size() < 3 || !times_rise(c, std::nullopt)) {
      continue;
    }
    notes_.push_back(
        fmt::format("{}: a row is taken for a time step, since {} rises; layout = wide takes it for a sequence", file_,
                    quoted_cell(head_.names[c])));
    return true;
  }
  return false;
}

// Columns that end early one below the other are series of different lengths, not steps of the rows.
void Guess::check_not_series_as_columns() const {
  size_t short_columns = 0, inner = 0;  // columns that end early, rows with a gap before a value
  for (size_t c = 0; c < profiles_.size(); ++c) {
    size_t last = 0, present = 0;
    for (size_t row = 0; row < head_.rows.size(); ++row) {
      if (rules_.is_missing(cell(row, c))) continue;
      last = row + 1;
      ++present;
    }
    if (present < last) return;  // gaps within
    short_columns += present > 0 && last < head_.rows.size() ? 1 : 0;
  }
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    bool gap = false, behind = false;
    for (size_t c = 0; c < profiles_.size(); ++c) {
      const bool missing = rules_.is_missing(cell(row, c));
      behind = behind || (gap && !missing);
      gap = gap || missing;
    }
    inner += behind ? 1 : 0;
  }
  if (short_columns < 2 || inner == 0) return;
  fail_usage(
      "{}: are the columns series of different lengths (layout = long), or is each row a sequence (layout = wide)? "
      "{} columns end before the last row",
      file_, short_columns);
}

Layout Guess::guess_layout() {
  if (names_parameters()) return Layout::kObservations;
  if (!columns_.time.empty() || !columns_.values.empty() || !columns_.step_labels.empty()) return Layout::kLong;
  if (has_numbered_columns()) {
    check_not_series_as_columns();
    return dates_rise_beside_numbered_columns() ? Layout::kLong : Layout::kWide;
  }
  if (head_.ragged && !head_.header) return Layout::kWide;
  if (head_.header || profiles_.size() < 3) return Layout::kLong;
  const Profile& first = profiles_[0];
  const bool numbers_follow = std::all_of(profiles_.begin() + 1, profiles_.end(), [](const Profile& p) {
    return p.kind == CellKind::kNumber || p.kind == CellKind::kMissing;
  });
  if (first.kind == CellKind::kText && !first.repeats() && numbers_follow) return Layout::kWide;
  const bool few = first.kind == CellKind::kNumber && first.whole && first.values.size() * 2 <= first.present;
  return few && profiles_.size() >= kFewestOfUcr ? Layout::kWide : Layout::kLong;
}

// What counts the rows from 0 or 1, and is called so or not at all, or stands first.
void Guess::leave_out_row_numbers() {
  const auto is_number = [&](size_t c) { return free(c) && profiles_[c].kind == CellKind::kNumber; };
  int64_t numbers = 0;
  for (size_t c = 0; c < profiles_.size(); ++c) numbers += is_number(c) ? 1 : 0;
  if (numbers < 2) return;  // what counts is all there is
  for (size_t c = 0; c < profiles_.size(); ++c) {
    const bool nameless = head_.header && head_.names[c] == fmt::format("#{}", c + 1);
    const bool called = head_.header && std::ranges::find(kRowNames, lower_ascii(head_.names[c])) != kRowNames.end();
    const bool first = c == 0 && head_.rows.size() >= kFewestRows;
    if (!free(c) || !(nameless || called || first) || !counts(c, std::nullopt)) continue;
    const double from = rules_.number(cell(0, c)).value_or(-1), next = rules_.number(cell(1, c)).value_or(-1);
    if ((from != 0 && from != 1) || next != from + 1) continue;
    notes_.push_back(fmt::format("{}: column {} is left out: it counts the rows; value_columns can name it", file_,
                                 quoted_cell(head_.names[c])));
    take(c, columns_.ignored);
  }
}

void Guess::guess_wide() {
  const auto is_name = [&](size_t c) { return free(c) && profiles_[c].words && profiles_[c].present > 0; };
  if (columns_.labels.empty() && options_.need_labels) {
    Column label = named(kLabelNames);
    const bool ucr = !head_.header && profiles_[0].kind == CellKind::kNumber && profiles_[0].whole && free(0) &&
                     profiles_[0].repeats() && columns_.id.empty();
    if (!label && ucr) label = 0;
    if (label) take(*label, columns_.labels);
  }
  if (columns_.id.empty()) {
    Column id = named(kIdNames);
    for (size_t c = 0; c < profiles_.size() && !id; ++c) {
      if (is_name(c) && !profiles_[c].repeats()) id = c;
    }
    if (id) take(*id, columns_.id);
  }
  if (head_.header && columns_.values.empty()) leave_out_row_numbers();
  for (size_t c = 0; c < profiles_.size(); ++c) {
    if (!is_name(c)) continue;
    // Without another label, the names that classes have are those that repeat.
    const bool label = columns_.labels.empty() && options_.need_labels && profiles_[c].repeats();
    take(c, label ? columns_.labels : columns_.statics);
  }
}

void Guess::guess_observations() {
  const auto complete = [&](std::string& role, Names names, std::string_view what) {
    if (!role.empty()) return;
    const auto column = named(names);
    if (!column) fail_usage("{}: which column is the {}? Columns: {}", file_, what, listed(head_.names));
    take(*column, role);
  };
  complete(columns_.parameter, kParameterNames, "parameter");
  complete(columns_.value, kValueNames, "value");
  complete(columns_.time, kTimeNames, "time");
  if (columns_.id.empty()) {
    if (const auto id = named(kIdNames)) take(*id, columns_.id);
  }
  if (columns_.labels.empty() && options_.need_labels) {
    if (const auto label = named(kLabelNames)) take(*label, columns_.labels);
  }
  if (const auto time = column_of(columns_.time)) find_compact_dates(*time);
}

// The format that all cells have as whole numbers like 20200131; "" where they have none.
std::string_view Guess::compact_format(size_t column) const {
  if (profiles_[column].kind != CellKind::kNumber || !profiles_[column].whole) return "";
  std::string_view format;
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const std::string_view text = cell(row, column);
    if (rules_.is_missing(text)) continue;
    const std::string_view here = compact_date_format(text);
    if (here.empty() || (!format.empty() && here != format)) return "";
    format = here;
  }
  return format;
}

// Numbers that are dates and rise as such, in the first column and over more than one month's end or at equal steps.
bool Guess::is_compact_time(size_t column) const {
  const std::string_view format = compact_format(column);
  if (format.empty() || profiles_[column].present < head_.rows.size()) return false;
  std::optional<double> before;
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const auto now = parse_date(cell(row, column), format);
    if (!now || (before && *now <= *before)) return false;
    before = now;
  }
  return true;
}

void Guess::find_compact_dates(size_t time) {
  if (!options_.time_format.empty()) return;
  const std::string name = head_.header ? lower_ascii(head_.names[time]) : "";
  if (std::ranges::find(kCounterNames, name) != kCounterNames.end()) return;
  columns_.time_format = compact_format(time);
  if (columns_.time_format.empty()) return;
  notes_.push_back(fmt::format("{}: the numbers of column {}, such as {}, are taken for dates ({})", file_,
                               quoted_cell(head_.names[time]), trimmed(cell(0, time)), columns_.time_format));
}

Guess::Column Guess::guess_time() const {
  const auto is_time = [&](size_t c) {
    return profiles_[c].dates || profiles_[c].kind == CellKind::kDate || profiles_[c].kind == CellKind::kClock;
  };
  const auto is_number = [&](size_t c) { return profiles_[c].kind == CellKind::kNumber; };
  const auto name = named(kTimeNames), part = named(kPartNames);
  if (!options_.time_format.empty()) {
    if (name && profiles_[*name].dates) return name;
    for (size_t c = 0; c < profiles_.size(); ++c) {
      if (free(c) && profiles_[c].dates) return c;
    }
  }
  if (name && (is_time(*name) || is_number(*name))) return name;
  if (part && (is_time(*part) || (is_number(*part) && times_rise(*part, named(kIdNames))))) return part;
  for (size_t c = 0; c < profiles_.size(); ++c) {
    if (free(c) && is_time(c)) return c;
  }
  if (head_.rows.size() >= 3 && free(0) && is_compact_time(0)) return 0;
  if (!head_.header || head_.rows.size() < 3) return std::nullopt;
  if (profiles_.size() > 1 && free(0) && counts(0, std::nullopt)) return 0;
  Column id = column_of(columns_.id);
  if (!id && (id = named(kIdNames)) && !profiles_[*id].repeats()) return std::nullopt;
  const size_t column = id == Column(0) ? 1 : 0;
  if (!id || column >= profiles_.size() || !free(column) || !counts(column, id)) return std::nullopt;
  // What counts behind an id may be what was measured, where nothing else was.
  const auto others = std::span(profiles_).subspan(column + 1);
  const bool alone = std::ranges::none_of(others, [](const Profile& p) { return p.kind == CellKind::kNumber; });
  return column > 0 && alone ? std::nullopt : Column(column);
}

Guess::Column Guess::guess_id(Column time) {
  if (const auto id = named(kIdNames); id && profiles_[*id].repeats()) return id;
  if (!time || times_rise(*time, std::nullopt)) return std::nullopt;
  // Sequences of one step each.
  if (const auto id = named(kIdNames); id && times_rise(*time, id)) return id;
  for (const CellKind kind : {CellKind::kText, CellKind::kNumber}) {
    for (size_t c = 0; c < profiles_.size(); ++c) {
      const bool candidate = free(c) && c != *time && profiles_[c].kind == kind && profiles_[c].repeats();
      if (candidate && (kind == CellKind::kText || profiles_[c].whole) && times_rise(*time, c)) return c;
    }
  }
  return guess_two_ids(*time);
}

// The only two columns of texts or whole numbers, such as shop and article, within whose pairs times rise.
Guess::Column Guess::guess_two_ids(size_t time) {
  std::vector<size_t> candidates;
  constexpr size_t kMostCandidates = 8;
  for (size_t c = 0; c < profiles_.size() && candidates.size() < kMostCandidates; ++c) {
    const bool text = profiles_[c].kind == CellKind::kText;
    const bool few = profiles_[c].values.size() * 2 <= profiles_[c].present;
    if (free(c) && c != time && few && (text || (profiles_[c].kind == CellKind::kNumber && profiles_[c].whole))) {
      candidates.push_back(c);
    }
  }
  std::vector<std::pair<size_t, size_t>> fitting;
  for (size_t i = 0; i < candidates.size(); ++i) {
    for (size_t j = i + 1; j < candidates.size(); ++j) {
      join_ids(std::array{candidates[i], candidates[j]});
      if (times_rise(time, head_.names.size())) fitting.emplace_back(candidates[i], candidates[j]);
    }
  }
  joined_ids_.clear();
  if (fitting.empty()) return std::nullopt;
  const auto [first, second] = fitting[0];
  const std::string names = head_.names[first] + "," + head_.names[second];
  if (fitting.size() > 1) {
    fail_usage("{}: times start anew; which columns tell the series apart? id_column = {} or {},{} would do", file_,
               names, head_.names[fitting[1].first], head_.names[fitting[1].second]);
  }
  notes_.push_back(fmt::format("{}: series are told apart by two columns, id_column = {}", file_, names));
  join_ids(std::array{first, second});
  columns_.id = names;
  used_.insert(first);
  used_.insert(second);
  return head_.names.size();
}

void Guess::guess_step_label_or_label(Column id) {
  if (options_.label_steps && columns_.step_labels.empty()) columns_.labels.swap(columns_.step_labels);
  if (!columns_.labels.empty() || !columns_.step_labels.empty() || !options_.need_labels) return;
  const auto label = named(kLabelNames);
  const bool of_steps = label && (options_.label_steps || !constant_within(*label, id));
  if (label) return take(*label, of_steps ? columns_.step_labels : columns_.labels);
  if (!options_.find_anomalies) return;
  for (size_t c = 0; c < profiles_.size(); ++c) {
    const bool called = std::ranges::find(kAnomalyNames, lower_ascii(head_.names[c])) != kAnomalyNames.end();
    if (!head_.header || !free(c) || !called) continue;
    if (!profiles_[c].binary) {
      note_other_anomaly_values(c);
      continue;
    }
    notes_.push_back(
        fmt::format("{}: column {} is taken for the label of each step, not for a channel; label_column and "
                    "value_columns say otherwise",
                    file_, quoted_cell(head_.names[c])));
    return take(c, columns_.step_labels);
  }
}

// A column of numbers called as labels are that says more than yes and no.
void Guess::note_other_anomaly_values(size_t column) {
  constexpr size_t kFewValues = 10;
  const auto is_other = [this](const std::string& cell) {
    const auto number = rules_.number(cell);
    return number && *number != 0 && *number != 1;
  };
  const Profile& profile = profiles_[column];
  const auto other = std::ranges::find_if(profile.values, is_other);
  if (!profile.whole || profile.values.size() > kFewValues || other == profile.values.end()) return;
  notes_.push_back(fmt::format(
      "{}: column {} is taken for a channel, as it has {} beside 0 and 1; label_column makes it the label of "
      "each step, and normal_labels says which are normal",
      file_, quoted_cell(head_.names[column]), quoted_cell(*other)));
}

// Data whose columns are known by a model that was trained without labels may have some.
void Guess::take_later_label() {
  if (!head_.header || columns_.layout == Layout::kObservations) return;
  auto& labels = columns_.layout == Layout::kLong ? columns_.step_labels : columns_.labels;
  for (const Names names : {Names(kLabelNames), Names(kAnomalyNames)}) {
    const Column label = named(names);
    if (!label || std::ranges::count(columns_.ignored, head_.names[*label]) > 0) continue;
    labels = {head_.names[*label]};
    return;
  }
}

// What would make more of the column than text.
std::string Guess::left_out_note(size_t column) const {
  const std::string name = lower_ascii(head_.names[column]);
  std::string note = fmt::format("{}: column {} is left out: it is text", file_, shortened(head_.names[column]));
  if (std::ranges::find(kTimeNames, name) != kTimeNames.end()) return note + "; time_format says how dates are written";
  const auto& values = profiles_[column].values;
  const auto signed_number =
      std::ranges::find_if(values, [](const auto& cell) { return !sign_beside_number(cell).empty(); });
  if (signed_number != values.end()) {
    return note + fmt::format(", such as {}; numbers are written without {}", quoted_cell(*signed_number),
                              sign_beside_number(*signed_number));
  }
  const bool truth =
      std::ranges::any_of(profiles_[column].values, [](const auto& cell) { return parse_boolean(cell).has_value(); });
  return truth && profiles_[column].binary ? note + "; value_columns takes True and False for 1 and 0" : note;
}

void Guess::guess_long() {
  Column time = column_of(columns_.time), id = id_column();
  if (!time && (time = guess_time())) take(*time, columns_.time);
  if (time) find_compact_dates(*time);
  if (const auto part = named(kPartNames); !time && part && profiles_[*part].kind == CellKind::kNumber) {
    notes_.push_back(fmt::format("{}: column {} is not taken for the time: it does not grow from row to row", file_,
                                 head_.names[*part]));
  }
  if (!id && (id = guess_id(time)) && columns_.id.empty()) take(*id, columns_.id);
  guess_step_label_or_label(id);
  if (columns_.values.empty()) leave_out_row_numbers();
  const bool all_values = columns_.values.empty();
  for (size_t c = 0; c < profiles_.size(); ++c) {
    if (!free(c)) continue;
    const bool number = profiles_[c].kind == CellKind::kNumber || profiles_[c].kind == CellKind::kMissing;
    if (all_values && number) {
      take(c, columns_.values);
    } else if (all_values && id && constant_within(c, id)) {
      take(c, columns_.statics);
    } else {
      take(c, columns_.ignored);
      if (all_values) notes_.push_back(left_out_note(c));
    }
  }
  if (columns_.values.empty()) {
    std::string hint;
    for (size_t c = 0; c < profiles_.size() && hint.empty(); ++c) {
      for (const std::string& cell : profiles_[c].values) {
        if (sign_beside_number(cell).empty()) continue;
        hint = fmt::format("; column {} has {}: numbers are written without {}", quoted_cell(head_.names[c]),
                           quoted_cell(cell), sign_beside_number(cell));
        break;
      }
    }
    fail_usage("{}: no column of numbers is left for values; value_columns can name one; columns: {}{}", file_,
               listed(head_.names), hint);
  }
}

// Of a channel, from row to row of every sequence.
DigitLoss Guess::digit_loss(size_t column) const {
  DigitLoss loss;
  const Column id = id_column();
  std::map<std::string_view, double> before;
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const double value = rules_.number(cell(row, column)).value_or(kNone);
    double& last = before.emplace(id ? cell(row, *id) : std::string_view(), kNone).first->second;
    loss.add(value, last);
    last = value;
  }
  return loss;
}

// Of the one channel whose values stand beside each other.
DigitLoss Guess::digit_loss_of_rows() const {
  DigitLoss loss;
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    double before = std::numeric_limits<double>::quiet_NaN();
    for (size_t c = 0; c < head_.rows[row].size(); ++c) {
      if (c < head_.names.size() && !free(c)) continue;
      const double value = rules_.number(cell(row, c)).value_or(std::numeric_limits<double>::quiet_NaN());
      loss.add(value, before);
      before = value;
    }
  }
  return loss;
}

void Guess::add_offset(const std::string& channel, const DigitLoss& loss) {
  if (!loss.found()) return;
  const auto offset = options_.keep_level ? std::nullopt : loss.offset();
  if (offset) columns_.offsets.emplace_back(channel, *offset);
  notes_.push_back(offset_note(file_, channel, offset));
}

// Values that are not 0, but are in f32; whether there are any.
bool Guess::note_tiny(const std::string& channel, size_t column) {
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const double value = rules_.number(cell(row, column)).value_or(0);
    if (value == 0 || std::abs(value) >= double{std::numeric_limits<float>::min()}) continue;
    notes_.push_back(
        fmt::format("{}: channel {} has values as small as {}, which are held as 0 or nearly so; multiply them", file_,
                    quoted_cell(channel), quoted_cell(cell(row, column))));
    return true;
  }
  return false;
}

// Of each parameter, from row to row of every sequence.
void Guess::choose_offsets_of_observations() {
  const Column parameter = column_of(columns_.parameter), value = column_of(columns_.value), id = id_column();
  if (!parameter || !value) return;
  struct OfParameter {
    DigitLoss loss;
    std::map<std::string_view, double> last;  // of each sequence
  };
  std::map<std::string_view, OfParameter> all;
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const auto number = rules_.number(cell(row, *value));
    if (!number) continue;
    OfParameter& own = all[trimmed(cell(row, *parameter))];
    const auto [at, first] = own.last.emplace(id ? cell(row, *id) : std::string_view(), *number);
    own.loss.add(*number, first ? std::numeric_limits<double>::quiet_NaN() : at->second);
    at->second = *number;
  }
  for (const auto& [name, own] : all) add_offset(std::string(name), own.loss);
}

void Guess::choose_offsets() {
  if (columns_.layout == Layout::kWide) return add_offset("value", digit_loss_of_rows());
  if (columns_.layout == Layout::kObservations) return choose_offsets_of_observations();
  for (const auto* names : {&columns_.values, &columns_.past, &columns_.future}) {
    for (const std::string& name : *names) {
      const size_t column = *head_.find(name);
      if (!note_tiny(name, column)) add_offset(name, digit_loss(column));
    }
  }
}

}  // namespace

GuessedColumns guess_columns(const TableHead& head, const TableOptions& options, const std::string& file) {
  GuessedColumns guessed = Guess(head, options, file).run();
  guessed.notes.insert(guessed.notes.begin(), head.notes.begin(), head.notes.end());
  return guessed;
}

}  // namespace recur
