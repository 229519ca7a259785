#include "recur/data/tables/table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "recur/data/files/foreign_file.h"
#include "recur/data/files/json_lines.h"
#include "recur/data/files/string_map.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/csv_front.h"
#include "recur/data/tables/csv_reader.h"
#include "recur/data/tables/date_time.h"

namespace recur {
namespace {

constexpr size_t kHeadRows = 1000;
constexpr size_t kHeadBytes = 4 << 20;

class CsvTable : public TableReader {
 public:
  CsvTable(const DataFile& file, char delimiter) : TableReader(file.name()), reader_(file, delimiter) {}

  bool next() override { return reader_.next(); }
  std::span<const std::string_view> cells() const override { return reader_.cells(); }
  int64_t line() const override { return reader_.line(); }
  std::string front_note() const { return reader_.front_note(); }
  std::vector<std::string> notes() const override { return reader_.encoding_notes(); }

 private:
  CsvReader reader_;
};

class JsonTable : public TableReader {
 public:
  JsonTable(const DataFile& file, const std::vector<std::string>& names) : TableReader(file.name()), lines_(file) {
    for (size_t i = 0; i < names.size(); ++i) column_of_.emplace(names[i], i);
    texts_.resize(names.size());
  }

  bool next() override {
    if (!lines_.next()) return false;
    std::ranges::fill(texts_, std::string());
    for (const auto& [key, value] : lines_.object().items()) {
      const auto at = column_of_.find(key);
      if (at == column_of_.end()) fail_here("key {} was not in the first objects", quoted_cell(key));
      auto text = json_scalar_text(value);
      if (!text) fail_here("key {}: expected one value, got {}", quoted_cell(key), value.type_name());
      texts_[at->second] = std::move(*text);
    }
    cells_.assign(texts_.begin(), texts_.end());
    return true;
  }
  std::span<const std::string_view> cells() const override { return cells_; }
  int64_t line() const override { return lines_.line(); }

 private:
  JsonLines lines_;
  internal::StringMap<size_t> column_of_;
  std::vector<std::string> texts_;
  std::vector<std::string_view> cells_;
};

void read_head(TableReader& table, TableHead& head) {
  size_t bytes = 0;
  while (head.rows.size() < kHeadRows && (bytes < kHeadBytes || head.rows.size() < 2)) {
    if (!table.next()) {
      head.whole = true;
      return;
    }
    auto& row = head.rows.emplace_back(table.cells().begin(), table.cells().end());
    for (const std::string& cell : row) bytes += cell.size() + sizeof(std::string);
  }
}

using Row = std::vector<std::string>;

bool is_value(CellKind kind) { return kind != CellKind::kText; }

// Whether this column and the one before it have numbers such as 20200131, and 20200201.
bool compact_dates_rise(const Row& row, size_t column) {
  if (column >= row.size()) return false;
  const std::string_view format = compact_date_format(row[column]);
  if (format.empty() || compact_date_format(row[column - 1]) != format) return false;
  return *parse_date(row[column], format) > *parse_date(row[column - 1], format);
}

// Whether the row has years or dates that rise from column to column, over numbers: the steps of a wide table. Rows of
// data may have such numbers, but hardly the first alone.
bool names_steps(const std::vector<Row>& rows, const CellRules& rules) {
  constexpr size_t kFewest = 8;
  constexpr double kFirstYear = 1700, kLastYear = 2200;
  const auto year = [&](const Row& row, size_t column) -> std::optional<double> {
    const auto number = column < row.size() ? rules.number(row[column]) : std::nullopt;
    return number && *number >= kFirstYear && *number <= kLastYear ? number : std::nullopt;
  };
  const auto follows = [&](const Row& row, size_t column) {
    const auto before = year(row, column - 1), now = year(row, column);
    return before && now && *now == *before + 1;
  };
  const auto over_numbers = [&](size_t column) {
    return std::ranges::all_of(std::span(rows).subspan(1), [&](const Row& row) {
      return column >= row.size() || rules.is_missing(row[column]) || rules.number(row[column]);
    });
  };
  size_t count = 1;
  for (size_t column = 1; column < rows[0].size(); ++column) {
    const auto before = parse_date(rows[0][column - 1]), now = parse_date(rows[0][column]);
    const bool rises = (before && now && *now > *before) || (follows(rows[0], column) && !follows(rows[1], column)) ||
                       (compact_dates_rise(rows[0], column) && !compact_dates_rise(rows[1], column));
    count = rises && over_numbers(column - 1) && over_numbers(column) ? count + 1 : 1;
    if (count == kFewest) return true;
  }
  return false;
}

// A header names what below it are numbers or dates, or, as spreadsheets and data frames write it, has an empty cell
// over a column of row numbers. Of a table of text alone, we must know a name.
bool looks_like_header(const std::vector<Row>& rows, const CellRules& rules, const Columns& declared) {
  const Row& first = rows[0];
  const auto says = [&first](const std::string& name) { return std::ranges::find(first, name) != first.end(); };
  const auto any = [&](const std::vector<std::string>& names) { return std::ranges::any_of(names, says); };
  if (says(declared.id) || says(declared.time) || any(declared.values) || any(declared.labels) ||
      any(declared.statics)) {
    return true;
  }
  const bool all_text =
      std::ranges::all_of(first, [&](const auto& cell) { return rules.kind(cell) == CellKind::kText; });
  if (rows.size() == 1) return all_text;
  bool text_alone = true;
  for (size_t column = 0; column < first.size(); ++column) {
    const CellKind top = rules.kind(first[column]);
    const auto below = [&](const Row& row) {
      return column < row.size() ? rules.kind(row[column]) : CellKind::kMissing;
    };
    const auto lower = std::span(rows).subspan(1);
    const bool values = std::ranges::all_of(lower, [&](const Row& row) { return is_value(below(row)); });
    const bool full = std::ranges::all_of(lower, [&](const Row& row) { return below(row) == CellKind::kNumber; });
    const bool empty = std::ranges::all_of(lower, [&](const Row& row) { return below(row) == CellKind::kMissing; });
    if (top == CellKind::kText && values && !empty) return true;
    if (first[column].empty() && full) return true;
    text_alone = text_alone && !values;
  }
  if (names_steps(rows, rules)) return true;
  static constexpr std::array<std::string_view, 7> kKnown{"id", "label", "class", "name", "item_id", "series", "text"};
  return text_alone && all_text && std::ranges::any_of(first, [](const auto& cell) {
           return std::ranges::find(kKnown, lower_ascii(trimmed(cell))) != kKnown.end();
         });
}

char delimiter_of(const DataFile& file, const TableOptions& options) {
  if (!options.delimiter.empty()) return delimiter_from_name(options.delimiter);
  return guess_delimiter(file, options.decimal.empty() ? options.columns.decimal : options.decimal);
}

std::string numbered(size_t column) { return fmt::format("#{}", column + 1); }

// One broken row makes no table of sequences of different lengths.
bool lengths_differ(const std::vector<Row>& rows) {
  std::map<size_t, size_t> counts;
  for (const Row& row : rows) ++counts[row.size()];
  const size_t most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->second;
  return most * 10 < rows.size() * 9;
}

// --- marks in numbers ---

// What a cell with commas may be: 1,5 is a decimal, 1,234,567 and 1,234.5 have thousands, and 1,234 is either.
enum class Comma { kNone, kDecimal, kThousands, kEither };
Comma comma_of(std::string_view cell) {
  constexpr NumberMarks kDecimal{.decimal = ',', .thousands = '.'}, kThousands{.decimal = '.', .thousands = ','};
  if (cell.find(',') == std::string_view::npos) return Comma::kNone;
  const bool decimal = parse_marked_number(cell, kDecimal).has_value();
  const bool thousands = parse_marked_number(cell, kThousands).has_value();
  if (decimal && thousands) return Comma::kEither;
  return decimal ? Comma::kDecimal : thousands ? Comma::kThousands : Comma::kNone;
}

struct CommaCounts {
  size_t decimal = 0, thousands = 0, either = 0;
  bool points = false;  // some have points between their thousands
  std::string first{};  // of those that are either, or the first of all
  size_t row = 0, column = 0;
};

// Of a column whose cells are all numbers in one of the two ways; nothing where it has no commas or other texts.
std::optional<CommaCounts> commas_in(const std::vector<Row>& rows, size_t column, const CellRules& rules) {
  CommaCounts counts{.column = column};
  for (size_t row = 1; row < rows.size(); ++row) {
    if (column >= rows[row].size()) continue;
    const std::string& cell = rows[row][column];
    if (rules.is_missing(cell) || (cell.find(',') == std::string::npos && rules.number(cell))) continue;
    const Comma comma = comma_of(cell);
    if (comma == Comma::kNone) return std::nullopt;
    (comma == Comma::kDecimal ? counts.decimal : comma == Comma::kThousands ? counts.thousands : counts.either) += 1;
    counts.points = counts.points || (comma == Comma::kDecimal && cell.find('.') != std::string::npos);
    if (!counts.first.empty()) continue;
    counts.first = cell;
    counts.row = row;
  }
  return counts.first.empty() ? std::nullopt : std::optional(counts);
}

// Sets what the options leave open, with a note, where all numbers with commas agree. Throws UsageError where they may
// be read in two ways.
void find_marks(TableHead& head, const std::string& file, const TableOptions& options, CellRules& rules) {
  const bool open = options.decimal.empty() && options.thousands.empty() && !options.columns.complete;
  CommaCounts all;
  const auto declared = [&options](const std::string& name) {
    const auto in = [&name](const auto& names) { return std::ranges::find(names, name) != names.end(); };
    return name == options.columns.id || in(options.columns.labels) || in(options.columns.step_labels);
  };
  for (size_t column = 0; open && head.rows.size() > 1 && column < head.rows[1].size(); ++column) {
    if (column < head.rows[0].size() && declared(head.rows[0][column])) continue;
    const auto counts = commas_in(head.rows, column, rules);
    if (!counts) continue;
    if (all.first.empty()) all = {.first = counts->first, .row = counts->row, .column = column};
    all.decimal += counts->decimal;
    all.thousands += counts->thousands;
    all.either += counts->either;
    all.points = all.points || counts->points;
  }
  if (all.first.empty() || (all.decimal > 0 && all.thousands > 0)) {
    head.marks = rules.marks;
    return;
  }
  if (all.decimal == 0 && all.thousands == 0) {
    fail_usage(
        "{}: row {}, column {}: {} may be a number with decimals or with thousands; set decimal or thousands to ,",
        file, all.row + 1, all.column + 1, quoted_cell(all.first));
  }
  if (all.decimal > 0) {
    rules.marks = {.decimal = ',', .thousands = all.points ? '.' : '\0'};
  } else {
    rules.marks = {.decimal = '.', .thousands = ','};
  }
  head.marks = rules.marks;
  head.notes.push_back(fmt::format("{}: numbers such as {} are taken to have {} after the comma", file,
                                   quoted_cell(all.first), all.decimal > 0 ? "decimals" : "thousands"));
}

// `place`: of the header, file and line.
void name_columns(TableHead& head, const std::string& place, bool twins) {
  size_t width = 0;
  for (const Row& row : head.rows) width = std::max(width, row.size());
  head.ragged = lengths_differ(head.rows);
  if (!head.header) {
    for (size_t i = 0; i < width; ++i) head.names.push_back(numbered(i));
    return;
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < head.rows[0].size(); ++i) {
    const std::string name(trimmed(head.rows[0][i]));
    head.names.push_back(name.empty() ? numbered(i) : name);
    if (seen.insert(head.names.back()).second) continue;
    if (!twins) fail("{}: two columns are called {}", place, quoted_cell(head.names.back()));
    head.names.back() = numbered(i);
    head.notes.push_back(
        fmt::format("{}: two columns are called {}: the later one is {}", place, quoted_cell(name), numbered(i)));
  }
  head.rows.erase(head.rows.begin());
}

}  // namespace

CellRules::CellRules(const TableOptions& options)
    : missing(options.missing),
      time_format(options.time_format.empty() ? options.columns.time_format : options.time_format),
      format_stated(!options.time_format.empty()),
      marks(number_marks(options.decimal.empty() ? options.columns.decimal : options.decimal,
                         options.thousands.empty() ? options.columns.thousands : options.thousands)) {
  check_time_format(time_format);
}

bool CellRules::is_missing(std::string_view cell) const {
  return recur::is_missing(cell) || (!missing.empty() && trimmed(cell) == missing);
}

std::optional<double> CellRules::other_number(std::string_view cell) const {
  if (!missing.empty() && trimmed(cell) == missing) return std::nullopt;
  return marks.plain() ? parse_number(cell) : parse_marked_number(cell, marks);
}

std::optional<double> CellRules::date(std::string_view cell) const {
  const auto date = zoned_date(cell);
  return date ? std::optional(date->seconds) : std::nullopt;
}

std::optional<Date> CellRules::zoned_date(std::string_view cell) const {
  if (time_format.empty()) return parse_zoned_date(cell);
  const auto date = parse_zoned_date(cell, time_format);
  return date || format_stated ? date : parse_zoned_date(cell);
}

CellKind CellRules::kind(std::string_view cell) const {
  if (is_missing(cell)) return CellKind::kMissing;
  if (number(cell)) return CellKind::kNumber;
  if (date(cell)) return CellKind::kDate;
  return parse_clock(cell) ? CellKind::kClock : CellKind::kText;
}

std::optional<size_t> TableHead::find(std::string_view name) const {
  const auto begin = names.begin() + static_cast<std::ptrdiff_t>(std::min(next, names.size()));
  auto at = std::find(begin, names.end(), name);
  if (at == names.end()) at = std::find(names.begin(), begin, name);
  if (at != names.end() && *at == name) {
    next = static_cast<size_t>(at - names.begin()) + 1;
    return next - 1;
  }
  const auto number = name.starts_with('#') ? parse_number(name.substr(1)) : std::nullopt;
  const bool usable =
      number && *number >= 1 && *number <= static_cast<double>(names.size()) && *number == std::floor(*number);
  return usable ? std::optional(static_cast<size_t>(*number) - 1) : std::nullopt;
}

std::string TableReader::column_text(const TableHead& head, size_t column) {
  const bool named = column < head.names.size() && head.names[column] != numbered(column);
  return named ? fmt::format("column {} ({})", column + 1, quoted_cell(head.names[column]))
               : fmt::format("column {}", column + 1);
}

OpenTable open_csv(const DataFile& file, const TableOptions& options) {
  check_not_foreign(file);
  const char delimiter = delimiter_of(file, options);
  OpenTable table;
  CsvTable head_reader(file, delimiter);
  read_head(head_reader, table.head);
  if (table.head.rows.empty()) fail("{}: no row in it", file.name());
  if (std::string note = head_reader.front_note(); !note.empty()) table.head.notes.push_back(std::move(note));
  CellRules rules(options);
  find_marks(table.head, file.name(), options, rules);
  const bool found_out = options.header.empty();
  if (!found_out && options.header != "yes" && options.header != "no") {
    fail_usage("header: expected 'yes' or 'no', got '{}'", options.header);
  }
  table.head.header = found_out ? looks_like_header(table.head.rows, rules, options.columns) : options.header == "yes";
  table.rows = std::make_unique<CsvTable>(file, delimiter);
  if (table.head.header) table.rows->next();
  name_columns(table.head, fmt::format("{}:{}", file.name(), table.rows->line()), options.twins);
  return table;
}

OpenTable open_json_table(const DataFile& file) {
  OpenTable table;
  JsonLines lines(file);
  std::set<std::string> seen;
  for (size_t rows = 0; rows < kHeadRows && lines.next(); ++rows) {
    for (auto& key : lines.keys()) {
      if (seen.insert(key).second) table.head.names.push_back(std::move(key));
    }
  }
  if (table.head.names.empty()) fail("{}: no object in it", file.name());
  table.head.header = true;
  JsonTable head_reader(file, table.head.names);
  read_head(head_reader, table.head);
  table.rows = std::make_unique<JsonTable>(file, table.head.names);
  return table;
}

double number_cell(const TableReader& table, const TableHead& head, const CellRules& rules, size_t column) {
  const std::string_view cell = table.cells()[column];
  const auto number = rules.number(cell);
  if (!number && rules.is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  if (!number) table.fail_cell(head, column, "{}", number_wanted(cell));
  if (std::abs(*number) > kLargestNumber) {
    table.fail_cell(head, column,
                    "{} is beyond the range of numbers here ({:g}); if it means a missing value, leave it empty, "
                    "or train with missing set to it",
                    quoted_cell(cell), kLargestNumber);
  }
  return *number;
}

}  // namespace recur
