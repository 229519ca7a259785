// The shapes that the benchmark runs over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace recur::cli {

struct BenchShape {
  std::string cell;
  int64_t layers = 1;
  bool bidirectional = false;
  int64_t steps = 1, batch = 1, input = 1, hidden = 1;  // T, B, I, H

  // Floating-point operations of the matrix products of one forward pass; `gates` of the cell.
  double forward_flops(int64_t gates) const;
};

// From streaming one sample at a time to large batches.
extern const std::string_view kDefaultShapes;

// Rows under the header cell,layers,bidir,T,B,I,H. `name` stands for the file in errors, which name the line.
std::vector<BenchShape> parse_shapes(std::string_view text, const std::string& name);

}  // namespace recur::cli
