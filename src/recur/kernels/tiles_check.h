// A product that tells whether a matrix unit does what it should.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "recur/base/bf16.h"
#include "recur/kernels/tiles.h"

namespace recur::kernels {

// Whether small whole numbers, whose sums no order of additions rounds, are multiplied to the last bit: several tiles
// of k, all sums, two counts of rows, one of which leaves rows as they are.
template <TileUnit Unit>
bool multiplies_right() {
  constexpr int64_t kColumns = 16, kDepth = 3 * kTileDepth, kWidth = 4 * kColumns;
  const auto left = [](int64_t r, int64_t k) { return static_cast<float>((7 * r + 3 * k) % 13 - 6); };
  const auto right = [](int64_t k, int64_t j) { return static_cast<float>((5 * k + 11 * j) % 17 - 8); };
  std::vector<bf16> rows(kTileRows * kDepth), packed(kDepth * kWidth);
  for (int64_t r = 0; r < kTileRows; ++r)
    for (int64_t k = 0; k < kDepth; ++k) rows[static_cast<size_t>(r * kDepth + k)] = bf16(left(r, k));
  for (int64_t k = 0; k < kDepth; ++k)
    for (int64_t j = 0; j < kWidth; ++j)
      packed[static_cast<size_t>((k / 2 * kWidth + j) * 2 + k % 2)] = bf16(right(k, j));

  Tiles<Unit, kColumns> tiles;
  for (const int64_t count : {kTileRows, int64_t{5}}) {
    std::vector<float> sums(kTileRows * kWidth, 1.0f);
    tiles.template multiply<4>({.left = rows.data(),
                                .left_stride = 2 * kDepth,
                                .packed = packed.data(),
                                .packed_stride = 4 * kWidth,
                                .rows = count,
                                .depth = kDepth,
                                .sums = sums.data()});
    for (int64_t r = 0; r < kTileRows; ++r)
      for (int64_t j = 0; j < kWidth; ++j) {
        float expected = 1;
        for (int64_t k = 0; r < count && k < kDepth; ++k) expected += left(r, k) * right(k, j);
        if (sums[static_cast<size_t>(r * kWidth + j)] != expected) return false;
      }
  }
  return true;
}

}  // namespace recur::kernels
