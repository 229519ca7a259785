// Lines of text as samples of a series, for streams.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/tables/columns.h"
#include "recur/data/tables/table.h"

namespace recur {

struct SampleLineOptions {
  std::vector<std::string> channels = {};  // C names: "x", or "#2" of data without a header
  Columns columns = {};  // those of the model: the id of the series, how numbers are written, what is taken off them
  std::string missing = {};                  // additional word for a missing value
  std::string decimal = {}, thousands = {};  // as in TableOptions
};

// Cells between commas, tabs, semicolons, bars or spaces, whichever the first line has, in that order. A first line
// with a text in it is a header, which names the columns of the channels and the id; other columns are ignored. Without
// a header a line has only the channels, or all columns of the training data if those had no header either.
class SampleLines {
 public:
  explicit SampleLines(SampleLineOptions options);

  struct Sample {
    std::string id;             // "" without a column of ids
    std::vector<float> values;  // [C], NaN where missing
  };
  // Nothing for an empty line and for the header. Throws Error "standard input:12: column 2 (x): ...".
  std::optional<Sample> read(std::string_view line);

  int64_t line() const { return line_; }  // lines read
  std::string place() const;              // of the last: "standard input:12"
  bool has_ids() const { return !ids_.empty(); }

 private:
  void take_header(const std::vector<std::string_view>& cells);
  void take_width(const std::vector<std::string_view>& cells);
  char delimiter_of(std::string_view line) const;
  bool is_number(std::string_view cell) const;
  float number(std::string_view cell, size_t channel) const;

  SampleLineOptions options_;
  CellRules rules_;
  std::vector<double> offsets_;  // of the channels
  int64_t line_ = 0;
  char delimiter_ = '\0';  // not known yet
  size_t width_ = 0;       // cells of a line
  std::vector<size_t> columns_;
  std::vector<size_t> ids_;
  std::vector<std::string> names_;  // of all columns; empty without a header
};

}  // namespace recur
