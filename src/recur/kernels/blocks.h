// Blocks that a matrix [rows, columns] is cut into, from its first element; those at its ends may stick out.
#pragma once

#include <cstdint>

namespace recur::kernels {

struct BlockShape {
  int64_t rows = 1, columns = 1;

  friend bool operator==(const BlockShape&, const BlockShape&) = default;

  int64_t size() const { return rows * columns; }
  int64_t down(int64_t matrix_rows) const { return (matrix_rows + rows - 1) / rows; }
  int64_t across(int64_t matrix_columns) const { return (matrix_columns + columns - 1) / columns; }
};

}  // namespace recur::kernels
