// A matrix unit in software, from the description of AMX in Intel's manual: what tests multiply with on machines
// without one. Where the CPU would stop the program, it throws.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "recur/base/bf16.h"
#include "recur/kernels/tiles.h"

namespace recur::testing {

class EmulatedUnit {
 public:
  static void configure(const kernels::TileSizes& sizes) {
    check(sizes.palette == 1 && sizes.start_row == 0, "palette 1 from row 0 on");
    check(std::ranges::all_of(sizes.reserved, [](uint8_t byte) { return byte == 0; }), "reserved bytes are 0");
    for (size_t tile = 0; tile < 16; ++tile) {
      check((sizes.rows[tile] == 0) == (sizes.row_bytes[tile] == 0), "rows and bytes, or neither");
      check(sizes.rows[tile] <= 16 && sizes.row_bytes[tile] <= 64, "16 rows of 64 bytes at most");
      check(tile < 8 || sizes.rows[tile] == 0, "8 tiles");
    }
    for (size_t tile = 0; tile < 8; ++tile) state().tiles[tile] = {sizes.rows[tile], sizes.row_bytes[tile], {}};
    ++state().configurations;
  }

  template <int kTile>
  static void load(const std::byte* from, int64_t stride) {
    Tile& tile = configured<kTile>();
    tile.data = {};
    for (int64_t r = 0; r < tile.rows; ++r) std::memcpy(tile.row(r), from + r * stride, tile.row_bytes);
  }

  template <int kTile>
  static void store(std::byte* to, int64_t stride) {
    Tile& tile = configured<kTile>();
    for (int64_t r = 0; r < tile.rows; ++r) std::memcpy(to + r * stride, tile.row(r), tile.row_bytes);
  }

  // The even and the odd values of k are summed apart, then both are added.
  template <int kSum, int kLeft, int kRight>
  static void multiply_add() {
    static_assert(kSum != kLeft && kSum != kRight && kLeft != kRight);
    Tile &sum = configured<kSum>(), &left = configured<kLeft>(), &right = configured<kRight>();
    check(left.rows == sum.rows, "rows of the left operand");
    check(right.row_bytes == sum.row_bytes, "columns of the right operand");
    check(left.row_bytes == 4 * right.rows, "depth of both operands");
    for (int64_t m = 0; m < sum.rows; ++m)
      for (int64_t n = 0; n < sum.row_bytes / 4; ++n) {
        float parts[2] = {};
        for (int64_t k = 0; k < right.rows; ++k)
          for (int64_t half : {0, 1})
            parts[half] = flushed(std::fma(left.half(m, 2 * k + half), right.half(k, 2 * n + half), parts[half]));
        float value;
        std::memcpy(&value, sum.row(m) + 4 * n, sizeof(value));
        value = flushed(flushed(value) + flushed(parts[0] + parts[1]));
        std::memcpy(sum.row(m) + 4 * n, &value, sizeof(value));
      }
  }

  static void release() { state().tiles = {}; }

  static bool is_released() {
    return std::ranges::all_of(state().tiles, [](const Tile& tile) { return tile.rows == 0; });
  }
  // Calls of configure on this thread.
  static int64_t configurations() { return state().configurations; }

 private:
  struct Tile {
    int64_t rows = 0;
    int64_t row_bytes = 0;
    std::array<std::byte, 16 * 64> data = {};

    std::byte* row(int64_t r) { return data.data() + 64 * r; }
    float half(int64_t r, int64_t i) {
      bf16 value;
      std::memcpy(&value, row(r) + 2 * i, sizeof(value));
      return flushed(static_cast<float>(value));
    }
  };
  struct State {
    std::array<Tile, 8> tiles;
    int64_t configurations = 0;
  };

  static void check(bool holds, const char* rule) {
    if (!holds) throw std::logic_error(rule);
  }
  template <int kTile>
  static Tile& configured() {
    static_assert(kTile >= 0 && kTile < 8);
    check(state().tiles[kTile].rows > 0, "tiles are configured before they are used");
    return state().tiles[kTile];
  }
  // Subnormal numbers are 0, going in and coming out.
  static float flushed(float value) {
    return std::fpclassify(value) == FP_SUBNORMAL ? std::copysign(0.0f, value) : value;
  }

  static State& state() {
    static thread_local State of_thread;
    return of_thread;
  }
};

}  // namespace recur::testing
