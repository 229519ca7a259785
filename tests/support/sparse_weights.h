// Weights most of whose blocks are zeros.
#pragma once

#include "recur/base/random.h"
#include "recur/kernels/blocks.h"
#include "recur/tensor/tensor.h"

namespace recur::testing {

// Zeros a random share of the blocks of weight [rows, columns], f32.
inline void drop_blocks(float* weight, int64_t rows, int64_t columns, kernels::BlockShape shape, double share,
                        uint64_t seed) {
  Random random(seed);
  std::vector<float> draws(static_cast<size_t>(shape.down(rows) * shape.across(columns)));
  random.uniform(draws);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t k = 0; k < columns; ++k) {
      const int64_t block = row / shape.rows * shape.across(columns) + k / shape.columns;
      if (static_cast<double>(draws[static_cast<size_t>(block)]) < share) weight[row * columns + k] = 0;
    }
}
inline void drop_blocks(Tensor weight, kernels::BlockShape shape, double share, uint64_t seed) {
  drop_blocks(weight.data<float>(), weight.size(0), weight.size(1), shape, share, seed);
}

}  // namespace recur::testing
