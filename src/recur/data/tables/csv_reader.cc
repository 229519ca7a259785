#include "recur/data/tables/csv_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/byte_word.h"
#include "recur/data/files/utf8.h"

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

std::vector<std::string> CsvReader::encoding_notes() const {
  if (latin1_lines_ == 0) return {};
  return {fmt::format("{}: {} read as Latin-1, the first is line {}", name(),
                      counted(latin1_lines_, "line is not UTF-8 and was", "lines are not UTF-8 and were"),
                      first_latin1_line_)};
}

bool CsvReader::next_line(std::string_view& line) {
  do {
    if (!lines_.next(line)) return false;
  } while (lines_.line() <= front_.lines);
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

}  // namespace recur
