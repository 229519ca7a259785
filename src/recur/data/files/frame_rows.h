// Rows of numbers that a network reads one after the other, made from a file: a row a step.
#pragma once

#include <cstdint>
#include <iterator>
#include <vector>

namespace recur {

struct FrameRows {
  std::vector<float> values;  // [T, F]
  int64_t width = 0;          // F

  int64_t steps() const { return width == 0 ? 0 : std::ssize(values) / width; }
};

}  // namespace recur
