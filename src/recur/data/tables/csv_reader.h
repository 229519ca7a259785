// Tables of text, a record at a time: CSV as in RFC 4180, TSV, and columns between spaces.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/line_reader.h"
#include "recur/data/tables/csv_front.h"

namespace recur {

// Cells stand between delimiters. One that begins with a double quote ends at the next one that is not doubled; it may
// hold delimiters and, unless they are tabs, line ends. Between tabs, quotes that do not enclose a whole cell are
// letters like others. The delimiter ' ' stands for any run of spaces and tabs. Empty lines are skipped, and so is what
// stands in front of the table (csv_front.h). Lines that are not UTF-8 are taken for Latin-1, and all cells are UTF-8.
class CsvReader {
 public:
  // encoding: "latin-1" of all lines, "utf-8", of which others are an error, or "".
  CsvReader(const DataFile& file, char delimiter, std::string_view encoding = {})
      : lines_(file), delimiter_(delimiter), encoding_(encoding), front_(csv_front(file, delimiter)) {}

  // The next record; false at the end. Throws Error for a quote that is never closed, or has text behind it.
  bool next();

  std::span<const std::string_view> cells() const { return cells_; }  // valid until next()
  int64_t line() const { return first_line_; }                        // where the record begins
  const std::string& name() const { return lines_.name(); }
  std::string front_note() const { return recur::front_note(name(), front_); }  // "": nothing stands there

  // Lines that were found to be Latin-1 so far, and the first of them.
  int64_t latin1_lines() const { return latin1_lines_; }
  int64_t first_latin1_line() const { return first_latin1_line_; }
  std::vector<std::string> encoding_notes() const;  // that there were such, in words

 private:
  bool next_line(std::string_view& line);
  void join_lines(std::string_view& record);
  void split_plain(std::string_view record);  // without quotes
  bool split_quoted(std::string_view record);
  void split(std::string_view record);
  std::string_view take_cell(std::string_view record, size_t& at);
  std::string_view take_quoted(std::string_view record, size_t& at);

  LineReader lines_;
  char delimiter_;
  std::string encoding_;
  CsvFront front_;
  int64_t first_line_ = 0;
  std::vector<std::string_view> cells_;
  std::deque<std::string> texts_;  // cells whose doubled quotes were undone; a deque leaves its elements in place
  std::string joined_;             // a record that goes over several lines
  std::string decoded_;            // a line that was not UTF-8
  int64_t latin1_lines_ = 0, first_latin1_line_ = 0;
};

}  // namespace recur
