// A table of named columns, row by row, from CSV or JSON lines.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/data_file.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/table_options.h"

namespace recur {

// What a column holds, by what most of its first cells are.
enum class CellKind { kMissing, kNumber, kDate, kClock, kText };

// How the cells of a file are to be understood.
struct CellRules {
  std::string missing;      // a further word for a missing value
  std::string time_format;  // of dates that are not ISO 8601
  bool format_stated;       // by somebody: then ISO 8601 is none
  NumberMarks marks;

  // Of the options, or, where they leave something open, of what was found out. Throws UsageError for what is no
  // option.
  explicit CellRules(const TableOptions& options);
  bool is_missing(std::string_view cell) const;
  std::optional<double> number(std::string_view cell) const {  // nothing when it is missing or none
    return plain() ? parse_number(cell) : other_number(cell);
  }
  bool plain() const { return missing.empty() && marks.plain(); }  // number() is parse_number()
  std::optional<double> date(std::string_view cell) const;
  std::optional<Date> zoned_date(std::string_view cell) const;
  CellKind kind(std::string_view cell) const;

 private:
  std::optional<double> other_number(std::string_view cell) const;
};

// The first rows of a table, which its layout and the roles of its columns are guessed from.
struct TableHead {
  std::vector<std::string> names;              // of the columns: "#1", "#2", ... without a header
  bool header = false;                         // the file names its columns
  bool ragged = false;                         // a tenth of the rows or more has another number of cells
  std::vector<std::vector<std::string>> rows;  // without the header; as long as they are
  bool whole = false;                          // these are all rows of the file
  NumberMarks marks;                           // in the numbers
  std::vector<std::string> notes;              // of how cells are read, in words

  // By name or "#3". Asked for in their order, as most are, columns are found at once, however many there are.
  std::optional<size_t> find(std::string_view name) const;

  mutable size_t next = 0;  // behind the column that was found last
};

class TableReader {
 public:
  virtual ~TableReader() = default;

  virtual bool next() = 0;                                      // to the next row, below the header
  virtual std::span<const std::string_view> cells() const = 0;  // of the row, valid until next()
  virtual int64_t line() const = 0;

  const std::string& name() const { return name_; }
  // What is to be said of the rows so far: that some were not UTF-8.
  virtual std::vector<std::string> notes() const { return {}; }

  // Throws Error "name:line: message" for the row at hand.
  template <class... Args>
  [[noreturn]] void fail_here(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}:{}: {}", name_, line(), fmt::format(format, std::forward<Args>(args)...));
  }
  // The same for a cell: "name:line: column 3 (price): message".
  template <class... Args>
  [[noreturn]] void fail_cell(const TableHead& head, size_t column, fmt::format_string<Args...> format,
                              Args&&... args) const {
    fail("{}:{}: {}: {}", name_, line(), column_text(head, column), fmt::format(format, std::forward<Args>(args)...));
  }

 protected:
  explicit TableReader(std::string name) : name_(std::move(name)) {}

 private:
  static std::string column_text(const TableHead& head, size_t column);

  std::string name_;
};

// A file as a table, at its first row.
struct OpenTable {
  TableHead head;
  std::unique_ptr<TableReader> rows;
};
OpenTable open_csv(const DataFile& file, const TableOptions& options);
// Objects whose values are scalars; the keys of the first rows are the columns, and later ones may not bring new ones.
OpenTable open_json_table(const DataFile& file);

// A number up to kLargestNumber, NaN for a missing cell; throws Error naming the cell.
double number_cell(const TableReader& table, const TableHead& head, const CellRules& rules, size_t column);

}  // namespace recur
