#include "recur/data/tables/csv_front.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

constexpr size_t kProbe = 1 << 16;
constexpr std::array<char, 4> kDelimiters{',', '\t', ';', '|'};

bool is_space(char c) { return c == ' ' || c == '\t'; }

// Lines as LineReader gives them.
std::vector<std::string_view> lines_of(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const char mark = head.find('\n') == std::string::npos ? '\r' : '\n';
  std::vector<std::string_view> lines;
  while (!head.empty()) {
    const size_t end = std::min(head.find(mark), head.size());
    std::string_view line = head.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    head.remove_prefix(std::min(end + 1, head.size()));
  }
  return lines;
}

// The delimiter that "sep=;" names; '\0' of other lines.
char stated_delimiter(std::string_view line) {
  if (lower_ascii(line) == "sep=\t") return '\t';
  line = trimmed(line);
  if (line.size() > 2 && line.front() == '"' && line.back() == '"') line = line.substr(1, line.size() - 2);
  constexpr std::string_view kKey = "sep=";
  const bool stated = line.size() == kKey.size() + 1 && lower_ascii(line.substr(0, kKey.size())) == kKey;
  return stated && line.back() != '"' && line.back() > 0 ? line.back() : '\0';
}

size_t cells_between(std::string_view line, char delimiter) {
  if (delimiter == ' ') {
    size_t cells = 0;
    for (size_t i = 0; i < line.size(); ++i) cells += !is_space(line[i]) && (i == 0 || is_space(line[i - 1])) ? 1 : 0;
    return cells;
  }
  size_t cells = 1;
  bool inside = false;  // quotes
  for (const char c : line) {
    inside = inside != (c == '"');
    cells += c == delimiter && !inside ? 1 : 0;
  }
  return cells;
}

// Whether the cells of a line are numbers with decimal commas or no numbers at all, of the first at least.
bool has_decimal_commas(std::string_view line, char delimiter) {
  size_t commas = 0;
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find(delimiter, at), line.size());
    const std::string_view cell = trimmed(line.substr(at, end - at));
    if (cell.find(',') != std::string_view::npos) {
      if (!parse_marked_number(cell, {.decimal = ',', .thousands = '.'})) return false;
      ++commas;
    }
    at = end + 1;
  }
  return commas > 0;
}

// How many there are outside of quotes; all of them where a quote is not closed.
int64_t delimiters_in(std::string_view line, char delimiter) {
  if (std::ranges::count(line, '"') % 2 != 0) return std::ranges::count(line, delimiter);
  return static_cast<int64_t>(cells_between(line, delimiter)) - 1;
}

// Of the rows that begin with the first two lines, of which the second may be empty.
char guess_of(std::string_view first, std::string_view second, std::string_view decimal) {
  char best = 0;
  int64_t most = 0;
  for (const char delimiter : kDelimiters) {
    if (delimiter == ',' && decimal == ",") continue;
    const int64_t in_first = delimiters_in(first, delimiter);
    // Equally many in the second line speaks for it more than many in one.
    const bool agrees = !second.empty() && delimiters_in(second, delimiter) == in_first;
    const int64_t score = in_first * (agrees ? 1000 : 1);
    if (score > most) {
      most = score;
      best = delimiter;
    }
  }
  if (best == ',') {
    // 1,5;2,5 has as many commas as numbers.
    for (const char delimiter : {';', '\t'}) {
      const auto count = std::ranges::count(first, delimiter);
      const bool agrees = count > 0 && (second.empty() || std::ranges::count(second, delimiter) == count);
      if (agrees && has_decimal_commas(second.empty() ? first : second, delimiter)) return delimiter;
    }
  }
  if (best != 0) return best;
  const size_t text_begin = first.find_first_not_of(" \t");
  const bool spaced = text_begin != std::string_view::npos && first.find(' ', text_begin) != std::string_view::npos;
  return spaced ? ' ' : ',';
}

// The beginning of a file, with the first line behind its comments.
struct Head {
  explicit Head(std::string_view text) : lines(lines_of(text)) {
    if (!lines.empty() && (stated = stated_delimiter(lines[0])) != '\0') begin = 1;
    while (rows < lines.size() && (rows < begin || lines[rows].empty() || lines[rows].starts_with('#'))) ++rows;
    if (rows == lines.size()) rows = begin;  // comments alone are records, too
  }

  char delimiter(std::string_view decimal) const {
    if (stated != '\0') return stated;
    if (rows == lines.size()) return ',';
    const auto second = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(rows) + 1, lines.end(),
                                     [](std::string_view line) { return !line.empty(); });
    return guess_of(lines[rows], second == lines.end() ? std::string_view() : *second, decimal);
  }

  // How many lines come before the first that may be a header or a record.
  size_t in_front(char between) const {
    if (rows == lines.size()) return begin;
    const size_t width = cells_between(lines[rows], between);
    if (width == 1 && !has_number_behind()) return begin;
    size_t end = begin;
    for (size_t i = begin; i < rows; ++i) {
      const std::string_view line = lines[i];
      const bool marked = line.size() > 1 && is_space(line[1]);
      if (cells_between(line, between) != width || line.empty() || (width == 1 && marked)) end = i + 1;
    }
    return end;
  }

  // Whether there is one in the first two rows, of which one may be a header.
  bool has_number_behind() const {
    for (size_t i = rows; i < std::min(rows + 2, lines.size()); ++i) {
      if (parse_number(lines[i])) return true;
    }
    return false;
  }

  std::vector<std::string_view> lines;
  char stated = '\0';
  size_t begin = 0, rows = 0;  // behind "sep=;", and the first line that is neither empty nor begins with #
};

}  // namespace

CsvFront csv_front(const DataFile& file, char delimiter) {
  const std::string text = file.head(kProbe);
  const Head head(text);
  const char between = delimiter == '\0' ? head.delimiter({}) : delimiter;
  return {.stated_delimiter = head.stated, .lines = static_cast<int64_t>(head.in_front(between))};
}

std::string front_note(const std::string& file, const CsvFront& front) {
  if (front.lines == 0) return "";
  return fmt::format("{}: {} in front of the table left out", file, counted(front.lines, "line", "lines"));
}

std::string_view first_row_of(std::string_view text) {
  const Head head(text);
  const size_t first = head.in_front(head.delimiter({}));
  return first < head.lines.size() ? head.lines[first] : std::string_view();
}

char guess_delimiter(const DataFile& file, std::string_view decimal) {
  const std::string text = file.head(kProbe);
  return Head(text).delimiter(decimal);
}

char delimiter_from_name(std::string_view name) {
  if (name == "tab" || name == "\\t") return '\t';
  if (name == "space") return ' ';
  const bool usable = name.size() == 1 && name != "\"" && name != "\n" && name != "\r" && name[0] > 0;
  if (!usable) fail_usage("delimiter: expected one character, 'tab' or 'space', got '{}'", name);
  return name[0];
}

}  // namespace recur
