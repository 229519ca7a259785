// Counts in a square: which class was taken for which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recur {

struct CountMatrix {
  std::string title, row_label, column_label;
  std::vector<std::string> names;            // of rows and columns
  std::vector<std::vector<int64_t>> counts;  // a row for each name, and in it a count for each name
};

// Each row is coloured by its shares. Longer names are cut; of more than 40 names the numbers are left out.
std::string count_matrix_svg(const CountMatrix& matrix);

}  // namespace recur
