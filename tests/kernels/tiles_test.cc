// Products through a matrix unit, with one in software.
#include "recur/kernels/tiles.h"

#include <gtest/gtest.h>

#include <thread>

#include "recur/base/cpu.h"
#include "recur/base/random.h"
#include "recur/kernels/amx.h"
#include "recur/kernels/tiles_check.h"
#include "tests/support/emulated_tiles.h"
#include "tests/support/guarded.h"

namespace recur::testing {
namespace {

using kernels::kTileDepth;
using kernels::kTileRows;
using kernels::Tiles;
using kernels::TileSizes;

// Rows further apart than they are long, a panel of more vectors than are multiplied, arrays that end with memory.
struct Product {
  Product(int64_t rows, int64_t depth, int64_t vectors)
      : rows(rows), depth(depth), vectors(vectors), stride(depth + 10), width((vectors + 1) * kColumns) {
    Random random(1);
    const auto numbers = [&](int64_t count) {
      bf16* data = operands.make(count);
      for (int64_t i = 0; i < count; ++i) data[i] = bf16(random.normal());
      return data;
    };
    left = numbers((rows - 1) * stride + depth);
    right = numbers(depth * width - 2 * kColumns);  // of the last step, only the vectors that are multiplied
    sums = arrays.make(rows * vectors * kColumns, 3.0f);
  }

  template <int kVectors, class Unit>
  void run(Tiles<Unit, 16>& tiles) {
    tiles.template multiply<kVectors>({.left = left,
                                       .left_stride = 2 * stride,
                                       .packed = right,
                                       .packed_stride = 4 * width,
                                       .rows = rows,
                                       .depth = depth,
                                       .sums = sums});
  }

  double expected(int64_t r, int64_t column) const {
    double sum = 3;
    for (int64_t k = 0; k < depth; ++k)
      sum += static_cast<double>(static_cast<float>(left[r * stride + k])) *
             static_cast<double>(static_cast<float>(right[(k / 2 * width + column) * 2 + k % 2]));
    return sum;
  }

  void check() const {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t j = 0; j < vectors * kColumns; ++j)
        ASSERT_NEAR(sums[r * vectors * kColumns + j], expected(r, j), 1e-4) << rows << " rows, depth " << depth;
  }

  static constexpr int64_t kColumns = 16;
  int64_t rows, depth, vectors, stride, width;
  GuardedArrays<bf16> operands;
  GuardedArrays<float> arrays;
  const bf16 *left, *right;
  float* sums;
};

TEST(Tiles, MultiplyEveryCountOfRowsAndVectors) {
  Tiles<EmulatedUnit, 16> tiles;
  for (int64_t rows = 1; rows <= kTileRows; ++rows)
    for (const int64_t depth : {kTileDepth, 3 * kTileDepth}) {
      Product one(rows, depth, 1), two(rows, depth, 2), three(rows, depth, 3), four(rows, depth, 4);
      one.run<1>(tiles);
      two.run<2>(tiles);
      three.run<3>(tiles);
      four.run<4>(tiles);
      for (const Product* product : {&one, &two, &three, &four}) ASSERT_NO_FATAL_FAILURE(product->check());
    }
}

TEST(Tiles, AreConfiguredWhenTheRowsChangeAndReleasedAtTheEnd) {
  const int64_t before = EmulatedUnit::configurations();
  {
    Tiles<EmulatedUnit, 16> tiles;
    EXPECT_TRUE(EmulatedUnit::is_released());  // until there is a product
    for (const int64_t rows : {16, 16, 5, 5, 16}) {
      Product product(rows, kTileDepth, 2);
      product.run<2>(tiles);
      product.check();
    }
    EXPECT_FALSE(EmulatedUnit::is_released());
  }
  EXPECT_TRUE(EmulatedUnit::is_released());
  EXPECT_EQ(EmulatedUnit::configurations() - before, 3);
}

TEST(Tiles, ARowHasTheSameBitsInAnyNumberOfRows) {
  Tiles<EmulatedUnit, 16> tiles;
  Product whole(kTileRows, 4 * kTileDepth, 4);
  whole.run<4>(tiles);
  for (int64_t rows = 1; rows < kTileRows; ++rows) {
    Product part(kTileRows, 4 * kTileDepth, 4);
    part.left += (kTileRows - rows) * part.stride;
    part.rows = rows;
    part.run<4>(tiles);
    EXPECT_EQ(std::memcmp(part.sums, whole.sums + (kTileRows - rows) * 64, static_cast<size_t>(rows) * 256), 0) << rows;
  }
}

TEST(Tiles, BelongToAThread) {
  Tiles<EmulatedUnit, 16> tiles;
  Product here(16, kTileDepth, 1), there(3, kTileDepth, 1);
  here.run<1>(tiles);
  std::thread([&] {
    Tiles<EmulatedUnit, 16> others;
    there.run<1>(others);
  }).join();
  here.check();
  there.check();
  EXPECT_FALSE(EmulatedUnit::is_released());
}

// The unit in software refuses what the CPU's would.
TEST(EmulatedUnit, RefusesWhatTheManualForbids) {
  std::vector<std::byte> memory(1024);
  EXPECT_THROW(EmulatedUnit::load<0>(memory.data(), 64), std::logic_error);  // before configure
  const auto configure = [](auto change) {
    TileSizes sizes;
    for (int tile = 0; tile < 3; ++tile) sizes.rows[tile] = 16, sizes.row_bytes[tile] = 64;
    change(sizes);
    EmulatedUnit::configure(sizes);
  };
  EXPECT_THROW(configure([](TileSizes& s) { s.palette = 2; }), std::logic_error);
  EXPECT_THROW(configure([](TileSizes& s) { s.reserved[13] = 1; }), std::logic_error);
  EXPECT_THROW(configure([](TileSizes& s) { s.rows[1] = 17; }), std::logic_error);
  EXPECT_THROW(configure([](TileSizes& s) { s.row_bytes[1] = 68; }), std::logic_error);
  EXPECT_THROW(configure([](TileSizes& s) { s.rows[1] = 0; }), std::logic_error);
  EXPECT_THROW(configure([](TileSizes& s) { s.rows[8] = s.row_bytes[8] = 1; }), std::logic_error);
  const auto multiply = [] { EmulatedUnit::multiply_add<0, 1, 2>(); };
  configure([](TileSizes&) {});
  EXPECT_NO_THROW(multiply());
  EXPECT_THROW(EmulatedUnit::store<3>(memory.data(), 64), std::logic_error);  // a tile that has no size
  configure([](TileSizes& s) { s.rows[0] = 8; });
  EXPECT_THROW(multiply(), std::logic_error);
  configure([](TileSizes& s) { s.row_bytes[0] = 32; });
  EXPECT_THROW(multiply(), std::logic_error);
  configure([](TileSizes& s) { s.row_bytes[1] = 32; });
  EXPECT_THROW(multiply(), std::logic_error);
  EmulatedUnit::release();
}

TEST(EmulatedUnit, SumsEvenAndOddValuesApartAndFlushesSubnormalNumbers) {
  TileSizes sizes;
  sizes.rows[0] = sizes.rows[1] = 1, sizes.rows[2] = 2;
  sizes.row_bytes[0] = sizes.row_bytes[2] = 4, sizes.row_bytes[1] = 8;
  const auto product = [&](std::array<float, 4> left, std::array<float, 4> right, float sum) {
    bf16 a[4], b[4];
    std::ranges::transform(left, a, [](float value) { return bf16(value); });
    std::ranges::transform(right, b, [](float value) { return bf16(value); });
    EmulatedUnit::configure(sizes);
    EmulatedUnit::load<0>(reinterpret_cast<std::byte*>(&sum), 4);
    EmulatedUnit::load<1>(reinterpret_cast<std::byte*>(a), 8);
    EmulatedUnit::load<2>(reinterpret_cast<std::byte*>(b), 4);
    EmulatedUnit::multiply_add<0, 1, 2>();
    EmulatedUnit::store<0>(reinterpret_cast<std::byte*>(&sum), 4);
    EmulatedUnit::release();
    return sum;
  };
  EXPECT_EQ(product({1, 2, 3, 4}, {5, 6, 7, 8}, 9), 1 * 5 + 2 * 6 + 3 * 7 + 4 * 8 + 9);
  const float large = 16777216;  // 2^24, to which 1 adds nothing
  EXPECT_EQ(product({1, 1, 1, 1}, {large, 1, -large, 1}, 0), 2);
  EXPECT_EQ(product({1, 1, 1, 1}, {1, large, 1, -large}, 0), 2);
  EXPECT_EQ(product({1, 1, 1, 1}, {large, -large, 1, 1}, 0), 1);  // large + 1 is large, -large + 1 is not -large
  EXPECT_EQ(product({1, 0, 0, 0}, {1e-39f, 0, 0, 0}, 0), 0);
  EXPECT_EQ(product({1e-20f, 0, 0, 0}, {1e-20f, 0, 0, 0}, 0), 0);
  EXPECT_EQ(product({0, 0, 0, 0}, {0, 0, 0, 0}, 1e-39f), 0);
  EXPECT_TRUE(std::isnan(product({NAN, 0, 0, 0}, {1, 0, 0, 0}, 0)));
  EXPECT_EQ(product({INFINITY, 0, 0, 0}, {1, 0, 0, 0}, 0), INFINITY);
}

// As AmxUnit would be if it took the operands the wrong way round.
struct SwappedUnit : EmulatedUnit {
  template <int kSum, int kLeft, int kRight>
  static void multiply_add() {
    EmulatedUnit::multiply_add<kSum, kRight, kLeft>();
  }
};
// As it would be if a load took one row too few.
struct ShortUnit : EmulatedUnit {
  static void configure(const TileSizes& sizes) {
    TileSizes shorter = sizes;
    for (int tile = 0; tile < 5; ++tile) --shorter.rows[tile];
    EmulatedUnit::configure(shorter);
  }
};

TEST(TilesCheck, TellsARightUnitFromAWrongOne) {
  EXPECT_TRUE(kernels::multiplies_right<EmulatedUnit>());
  EXPECT_FALSE(kernels::multiplies_right<ShortUnit>());
  EXPECT_FALSE(kernels::multiplies_right<SwappedUnit>());
  EXPECT_TRUE(EmulatedUnit::is_released());
}

TEST(Amx, IsUsedOnlyWhereItIsThere) {
  EXPECT_TRUE(has_bf16_tiles() || !kernels::use_amx());
  EXPECT_TRUE(has_bf16_products() || !kernels::use_amx());
}

}  // namespace
}  // namespace recur::testing
