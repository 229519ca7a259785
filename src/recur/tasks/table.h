// Rows that a task gives out: predictions, descriptions. The program writes them as a table, CSV or JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace recur {

using TableCell = std::variant<std::string, int64_t, double>;

// A small table of results: a confusion matrix, metrics by class.
struct Table {
  std::string name;  // "confusion"
  std::vector<std::string> columns;
  std::vector<std::vector<TableCell>> rows;  // a cell for each column
};

class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void columns(const std::vector<std::string>& names) = 0;  // once, before the rows
  virtual void row(std::span<const TableCell> cells) = 0;
};

// Facts in the order to show them: {"vocabulary", 65}.
struct Fact {
  std::string name;
  TableCell value;
};
using Description = std::vector<Fact>;

}  // namespace recur
