// Lines of text as samples of a series, for streams.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

struct SampleLineOptions {
  std::vector<std::string> channels = {};  // C names: "x", or "#2" of data without a header
  std::string id = {};                     // the column with the id of the series; "": a single series
  std::string missing = {};                // additional word for a missing value
};

// Cells between commas, tabs, semicolons, bars or spaces, whichever the first line has, in that order. A first line
// with a text in it is a header, which names the columns of the channels and the id; other columns are ignored. Without
// a header a line has only the channels, or all columns of the training data if those had no header either.
class SampleLines {
 public:
  explicit SampleLines(SampleLineOptions options) : options_(std::move(options)) {}

  struct Sample {
    std::string id;             // "" without a column of ids
    std::vector<float> values;  // [C], NaN where missing
  };
  // Nothing for an empty line and for the header. Throws Error "standard input:12: column 2 (x): ...".
  std::optional<Sample> read(std::string_view line);

  int64_t line() const { return line_; }  // lines read
  std::string place() const;              // of the last: "standard input:12"
  bool has_ids() const { return id_.has_value(); }

 private:
  void take_header(const std::vector<std::string_view>& cells);
  void take_width(const std::vector<std::string_view>& cells);
  float number(std::string_view cell, size_t column) const;

  SampleLineOptions options_;
  int64_t line_ = 0;
  char delimiter_ = '\0';  // not known yet
  size_t width_ = 0;       // cells of a line
  std::vector<size_t> columns_;
  std::optional<size_t> id_;
  std::vector<std::string> names_;  // of all columns; empty without a header
};

}  // namespace recur
