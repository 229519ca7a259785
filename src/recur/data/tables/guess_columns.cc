#include "recur/data/tables/guess_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/date_time.h"
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
constexpr std::array<std::string_view, 4> kParameterNames{"parameter", "variable", "channel", "measurement"};
constexpr std::array<std::string_view, 1> kValueNames{"value"};

constexpr size_t kFewestWide = 8;    // columns called v1, v2, ... that make a wide table
constexpr size_t kFewestOfUcr = 16;  // columns of an unnamed table whose first may be a label
constexpr double kMost = 0.9;        // the share of cells that makes a column's kind

// A column of the head.
struct Profile {
  CellKind kind = CellKind::kMissing;
  bool whole = false;            // all present cells are whole numbers
  size_t present = 0;            // cells that are not missing
  bool words = false;            // no present cell is a number
  std::set<std::string> values;  // the different ones
  bool repeats() const { return values.size() < present; }
};

class Guess {
 public:
  Guess(const TableHead& head, const TableOptions& options, const std::string& file)
      : head_(head), options_(options), file_(file), rules_(options), columns_(options.columns) {}

  GuessedColumns run() {
    resolve_declared();
    if (columns_.complete) return {std::move(columns_), {}};
    for (size_t column = 0; column < head_.names.size(); ++column) profiles_.push_back(profile(column));
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
    columns_.complete = true;
    return {std::move(columns_), std::move(notes_)};
  }

 private:
  using Column = std::optional<size_t>;

  // --- what is declared ---
  void resolve_declared();
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
    return column < cells.size() ? std::string_view(cells[column]) : std::string_view();
  }
  Column named(Names names) const;
  std::optional<double> time_of(size_t row, size_t column) const;
  bool times_rise(size_t time, Column id) const;
  bool counts(size_t column, Column id) const;
  bool constant_within(size_t column, Column id) const;
  Column column_of(const std::string& name) const { return name.empty() ? std::nullopt : head_.find(name); }

  // --- guesses ---
  bool names_parameters() const {
    return !columns_.parameter.empty() || (named(kParameterNames) && named(kValueNames));
  }
  Layout guess_layout() const;
  bool has_numbered_columns() const;
  void guess_wide();
  void guess_observations();
  void guess_long();
  Column guess_time() const;
  Column guess_id(Column time) const;
  void guess_step_label_or_label(Column id);

  const TableHead& head_;
  const TableOptions& options_;
  const std::string& file_;
  const CellRules rules_;
  Columns columns_;
  std::vector<std::string> notes_;
  std::vector<Profile> profiles_;
  std::set<size_t> used_;
};

void Guess::resolve(std::string& name, bool needed) {
  if (name.empty()) return;
  const auto column = head_.find(name);
  if (!column && !needed) return name.clear();
  if (!column) fail_missing_column(file_, name, head_.names, !columns_.complete);
  if (!used_.insert(*column).second) fail_usage("{}: column '{}' is declared for two things", file_, name);
  name = head_.names[*column];
}

void Guess::resolve(std::vector<std::string>& names, bool needed) {
  for (std::string& name : names) resolve(name, needed);
  std::erase(names, "");
}

void Guess::resolve_declared() {
  resolve(columns_.id);
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
  profile.whole = profile.words = true;
  for (size_t row = 0; row < head_.rows.size(); ++row) {
    const std::string_view text = cell(row, column);
    const CellKind kind = rules_.kind(text);
    ++counts[static_cast<size_t>(kind)];
    if (kind == CellKind::kMissing) continue;
    ++profile.present;
    profile.values.emplace(text);
    const auto number = parse_number(text);
    profile.whole = profile.whole && number && *number == std::floor(*number);
    profile.words = profile.words && kind == CellKind::kText;
  }
  for (const CellKind kind : {CellKind::kNumber, CellKind::kDate, CellKind::kClock}) {
    const auto count = static_cast<double>(counts[static_cast<size_t>(kind)]);
    if (count > kMost * static_cast<double>(profile.present)) profile.kind = kind;
  }
  if (profile.present > 0 && profile.kind == CellKind::kMissing) profile.kind = CellKind::kText;
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
  switch (profiles_[column].kind) {
    case CellKind::kNumber:
      return parse_number(text);
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

Layout Guess::guess_layout() const {
  if (names_parameters()) return Layout::kObservations;
  if (!columns_.time.empty() || !columns_.values.empty() || !columns_.step_labels.empty()) return Layout::kLong;
  if (has_numbered_columns() || (head_.ragged && !head_.header)) return Layout::kWide;
  if (head_.header || profiles_.size() < 3) return Layout::kLong;
  const Profile& first = profiles_[0];
  const bool numbers_follow = std::all_of(profiles_.begin() + 1, profiles_.end(), [](const Profile& p) {
    return p.kind == CellKind::kNumber || p.kind == CellKind::kMissing;
  });
  if (first.kind == CellKind::kText && !first.repeats() && numbers_follow) return Layout::kWide;
  const bool few = first.kind == CellKind::kNumber && first.whole && first.values.size() * 2 <= first.present;
  return few && profiles_.size() >= kFewestOfUcr ? Layout::kWide : Layout::kLong;
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
    if (!column) fail_usage("{}: which column is the {}? Columns: {}", file_, what, fmt::join(head_.names, ", "));
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
}

Guess::Column Guess::guess_time() const {
  const auto is_time = [&](size_t c) {
    return profiles_[c].kind == CellKind::kDate || profiles_[c].kind == CellKind::kClock;
  };
  const auto is_number = [&](size_t c) { return profiles_[c].kind == CellKind::kNumber; };
  const auto name = named(kTimeNames), part = named(kPartNames);
  if (name && (is_time(*name) || is_number(*name))) return name;
  if (part && (is_time(*part) || (is_number(*part) && times_rise(*part, named(kIdNames))))) return part;
  for (size_t c = 0; c < profiles_.size(); ++c) {
    if (free(c) && is_time(c)) return c;
  }
  if (!head_.header || head_.rows.size() < 3) return std::nullopt;
  if (free(0) && counts(0, std::nullopt)) return 0;
  Column id = column_of(columns_.id);
  if (!id && (id = named(kIdNames)) && !profiles_[*id].repeats()) return std::nullopt;
  const size_t column = id == Column(0) ? 1 : 0;
  if (!id || column >= profiles_.size() || !free(column) || !counts(column, id)) return std::nullopt;
  // What counts behind an id may be what was measured, where nothing else was.
  const auto others = std::span(profiles_).subspan(column + 1);
  const bool alone = std::ranges::none_of(others, [](const Profile& p) { return p.kind == CellKind::kNumber; });
  return column > 0 && alone ? std::nullopt : Column(column);
}

Guess::Column Guess::guess_id(Column time) const {
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
  return std::nullopt;
}

void Guess::guess_step_label_or_label(Column id) {
  if (options_.label_steps && columns_.step_labels.empty()) columns_.labels.swap(columns_.step_labels);
  if (!columns_.labels.empty() || !columns_.step_labels.empty() || !options_.need_labels) return;
  const auto label = named(kLabelNames);
  const bool of_steps = label && (options_.label_steps || !constant_within(*label, id));
  if (label) take(*label, of_steps ? columns_.step_labels : columns_.labels);
}

void Guess::guess_long() {
  Column time = column_of(columns_.time), id = column_of(columns_.id);
  if (!time && (time = guess_time())) take(*time, columns_.time);
  if (const auto part = named(kPartNames); !time && part && profiles_[*part].kind == CellKind::kNumber) {
    notes_.push_back(fmt::format("{}: column {} is not taken for the time: it does not grow from row to row", file_,
                                 head_.names[*part]));
  }
  if (!id && (id = guess_id(time))) take(*id, columns_.id);
  guess_step_label_or_label(id);
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
      if (all_values) notes_.push_back(fmt::format("{}: column {} is left out: it is text", file_, head_.names[c]));
    }
  }
  if (columns_.values.empty()) {
    fail_usage("{}: no column of numbers is left for values; value_columns can name one; columns: {}", file_,
               fmt::join(head_.names, ", "));
  }
}

}  // namespace

GuessedColumns guess_columns(const TableHead& head, const TableOptions& options, const std::string& file) {
  return Guess(head, options, file).run();
}

}  // namespace recur
