// Some columns of a table as text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/tables/table.h"

namespace recur {

struct CellColumn {
  std::string name;
  std::vector<std::string> cells;  // without blanks around them; "" where missing
};

struct CellColumns {
  std::string file;
  std::vector<std::string> all;  // the names of the table's columns
  std::vector<CellColumn> columns;
  std::vector<int64_t> lines;  // of each row
  std::vector<std::string> notes;

  const CellColumn& at(const std::string& name) const;  // REQUIRES: it was asked for
};

// Reads the columns with these names. Throws UsageError for one that is not there.
CellColumns read_columns(const DataFile& file, const TableOptions& options, const std::vector<std::string>& names);
// The names of the table's columns.
std::vector<std::string> column_names(const DataFile& file, const TableOptions& options);

// The column with each number replaced by its band: of edges 25 and 45 "< 25", "25 .. 45" (45 is not in it), ">= 45".
// `text` is "age=25,45". Throws UsageError for edges that do not rise, Error for a cell that is no number.
void put_into_bands(CellColumns& table, const std::string& text);

}  // namespace recur
