#include "recur/data/tables/csv_reader.h"

#include <algorithm>
#include <array>
#include <optional>

#include "recur/base/error.h"
#include "recur/data/files/byte_word.h"
#include "recur/data/files/utf8.h"
#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

// Whether a quoted cell is open at the end of the line, when it was (or was not) at its beginning.
bool ends_in_quotes(std::string_view line, char delimiter, bool inside) {
  bool cell_begins = !inside;
  for (size_t i = 0; i < line.size(); ++i) {
    if (inside) {
      if (line[i] != '"') continue;
      const bool doubled = i + 1 < line.size() && line[i + 1] == '"';
      doubled ? static_cast<void>(++i) : static_cast<void>(inside = false);
    } else {
      inside = cell_begins && line[i] == '"';
      cell_begins = line[i] == delimiter;
    }
  }
  return inside;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_blank_line(std::string_view line) {
  if (!line.empty() && !is_blank(line.front())) return false;  // most
  return std::ranges::all_of(line, is_blank);
}

// Where the cell that begins at `at` ends, quotes aside.
size_t cell_end(std::string_view record, size_t at, char delimiter) {
  return delimiter == ' ' ? record.find_first_of(" \t", at) : record.find(delimiter, at);
}

// A quote between tabs is one only when it closes in front of a tab or the line's end.
bool encloses_cell(std::string_view record, size_t at) {
  for (size_t i = at + 1; i < record.size(); ++i) {
    if (record[i] != '"') continue;
    if (i + 1 == record.size() || record[i + 1] == '\t') return true;
    if (record[i + 1] != '"') return false;
    ++i;
  }
  return false;
}

}  // namespace

bool CsvReader::next() {
  std::string_view record;
  do {
    if (!next_line(record)) return false;
  } while (is_blank_line(record));
  first_line_ = lines_.line();
  cells_.clear();
  if (!texts_.empty()) texts_.clear();
  const bool quoted = record.find('"') != std::string_view::npos;
  if (delimiter_ != ' ' && !quoted) {
    split_plain(record);
  } else if (delimiter_ == ' ' || !split_quoted(record)) {
    cells_.clear();
    if (quoted) join_lines(record);
    split(record);
  }
  return true;
}

bool CsvReader::next_line(std::string_view& line) {
  if (!lines_.next(line)) return false;
  if (is_ascii(line)) return true;
  if (encoding_ != "latin-1") {
    const size_t bad = find_invalid_utf8(line);
    if (bad == kNoPosition) return true;
    if (encoding_ == "utf-8") lines_.fail_here("byte {} is not UTF-8", bad + 1);
    if (latin1_lines_++ == 0) first_latin1_line_ = lines_.line();
  }
  decoded_.clear();
  append_latin1(decoded_, line);
  line = decoded_;
  return true;
}

// Cells in quotes that have none inside, as programs write them that quote every cell. False where a record is another,
// which takes more than one look at each letter.
bool CsvReader::split_quoted(std::string_view record) {
  const char* at = record.data();
  const char* const end = at + record.size();
  for (;; ++at) {  // over the delimiter
    const bool quoted = at != end && *at == '"';
    const char* const begin = quoted ? ++at : at;
    const char stop = quoted ? '"' : delimiter_;
    while (at != end && *at != stop) ++at;
    if (quoted && at == end) return false;
    cells_.emplace_back(begin, static_cast<size_t>(at - begin));
    at += quoted ? 1 : 0;
    if (at == end) return true;
    if (*at != delimiter_) return false;
  }
}

// Goes on to the line where a quote is closed that is open at the end of this one.
void CsvReader::join_lines(std::string_view& record) {
  if (delimiter_ == '\t' || delimiter_ == ' ' || !ends_in_quotes(record, delimiter_, false)) return;
  joined_ = record;
  for (bool open = true; open;) {
    std::string_view line;
    if (!next_line(line) || joined_.size() > LineReader::kLongestLine) {
      fail("{}:{}: a quote that opens here is never closed", name(), first_line_);
    }
    joined_ += '\n';
    joined_ += line;
    open = ends_in_quotes(line, delimiter_, true);
  }
  record = joined_;
}

void CsvReader::split_plain(std::string_view record) {
  const char* const text = record.data();
  size_t begin = 0, at = 0;
  const auto end_cell = [&](size_t end) {
    cells_.emplace_back(text + begin, end - begin);
    begin = end + 1;
  };
  for (; at + 8 <= record.size(); at += 8) {
    uint64_t places = internal::places_of(delimiter_, internal::load_8(text + at));
    for (; places != 0; places &= places - 1) end_cell(at + internal::first_place(places));
  }
  for (; at < record.size(); ++at) {
    if (text[at] == delimiter_) end_cell(at);
  }
  end_cell(record.size());
}

void CsvReader::split(std::string_view record) {
  const bool blanks = delimiter_ == ' ';
  for (size_t at = 0; at <= record.size(); ++at) {  // the step is over the delimiter
    if (blanks) {
      while (at < record.size() && is_blank(record[at])) ++at;
      if (at == record.size()) return;
    }
    cells_.push_back(take_cell(record, at));
  }
}

// The cell at `at`, which moves to the delimiter behind it.
std::string_view CsvReader::take_cell(std::string_view record, size_t& at) {
  const bool quoted = at < record.size() && record[at] == '"' && (delimiter_ != '\t' || encloses_cell(record, at));
  if (quoted) return take_quoted(record, at);
  const size_t begin = at;
  at = std::min(cell_end(record, at, delimiter_), record.size());
  return record.substr(begin, at - begin);
}

std::string_view CsvReader::take_quoted(std::string_view record, size_t& at) {
  const size_t begin = ++at;
  bool doubled = false;
  for (;; at += 2, doubled = true) {
    at = record.find('"', at);
    if (at == std::string_view::npos) {
      fail("{}:{}: column {}: the quote is never closed", name(), first_line_, cells_.size() + 1);
    }
    if (at + 1 == record.size() || record[at + 1] != '"') break;
  }
  const std::string_view inside = record.substr(begin, at - begin);
  ++at;
  if (at < record.size() && cell_end(record, at, delimiter_) != at) {
    fail("{}:{}: column {}: text behind the closing quote", name(), first_line_, cells_.size() + 1);
  }
  if (!doubled) return inside;
  std::string& text = texts_.emplace_back();
  for (size_t i = 0; i < inside.size(); ++i) {
    text += inside[i];
    if (inside[i] == '"') ++i;
  }
  return text;
}

namespace {

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

// Of a first line as Excel takes it: "sep=;".
std::optional<char> stated_delimiter(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::string_view first = trimmed(text.substr(0, text.find_first_of("\r\n")));
  if (first.size() == 5 && first.starts_with("sep=")) return first[4];
  if (first == "sep=") return '\t';  // trimmed away
  return {};
}

// Behind leading lines that begin with #, unless there is nothing behind them.
std::string_view without_comments(std::string_view text) {
  for (std::string_view rest = text; !rest.empty();) {
    if (rest.front() != '#') return rest;
    const size_t end = rest.find_first_of("\r\n");
    const size_t next = end == rest.npos ? rest.npos : rest.find_first_not_of("\r\n", end);
    if (next == rest.npos) break;
    rest.remove_prefix(next);
  }
  return text;
}

}  // namespace

char guess_delimiter(const DataFile& file, std::string_view decimal) {
  constexpr size_t kProbe = 1 << 16;
  constexpr std::array<char, 4> kDelimiters{',', '\t', ';', '|'};
  const std::string head = file.head(kProbe);
  if (const std::optional<char> stated = stated_delimiter(head)) return *stated;
  const std::string_view text = without_comments(head);
  const std::string_view first = text.substr(0, text.find_first_of("\r\n"));
  const size_t second_begin = std::min(text.find_first_not_of("\r\n", first.size()), text.size());
  const std::string_view second =
      text.substr(second_begin, std::min(text.find_first_of("\r\n", second_begin), text.size()) - second_begin);
  char best = 0;
  int64_t most = 0;
  for (const char delimiter : kDelimiters) {
    if (delimiter == ',' && decimal == ",") continue;
    const auto in_first = std::ranges::count(first, delimiter);
    // Equally many in the second line speaks for it more than many in one.
    const bool agrees = !second.empty() && std::ranges::count(second, delimiter) == in_first;
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

char delimiter_from_name(std::string_view name) {
  if (name == "tab" || name == "\\t") return '\t';
  if (name == "space") return ' ';
  const bool usable = name.size() == 1 && name != "\"" && name != "\n" && name != "\r" && name[0] > 0;
  if (!usable) fail_usage("delimiter: expected one character, 'tab' or 'space', got '{}'", name);
  return name[0];
}

}  // namespace recur
