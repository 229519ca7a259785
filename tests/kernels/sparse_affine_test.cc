// Affine maps without their blocks of zeros, on arrays that end where memory ends, for the instruction set in use.
#include "recur/kernels/sparse_affine.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/bf16.h"
#include "recur/base/random.h"
#include "recur/kernels/quantize.h"
#include "tests/support/guarded.h"
#include "tests/support/sparse_weights.h"

namespace recur::testing {
namespace {

using kernels::SparseBlocks;
using kernels::WeightFormat;

constexpr WeightFormat kSparseFormats[] = {WeightFormat::kF32, WeightFormat::kBF16, WeightFormat::kI8};
constexpr SparseBlocks kKinds[] = {SparseBlocks::k16x1, SparseBlocks::k4x16};

std::vector<float> drawn(int64_t count, uint64_t seed) {
  std::vector<float> values(static_cast<size_t>(count));
  Random random(seed);
  random.normal(values);
  return values;
}

struct SparseMap {
  SparseMap(WeightFormat weight_format, SparseBlocks blocks, int64_t rows, int64_t inputs, int64_t outputs,
            double share = 0.8)
      : format(weight_format),
        kind(blocks),
        B(rows),
        F(inputs),
        H(outputs),
        x(drawn(B * F, 1)),
        weight(drawn(H * F, 2)),
        bias(drawn(H, 3)) {
    drop_blocks(weight.data(), H, F, kernels::shape_of(kind), share, 4);
  }

  std::vector<float> run(bool reference = false, bool last_panel_first = false) const {
    GuardedArrays<float> arrays;
    GuardedArrays<std::byte> bytes;
    const auto layout = kernels::sparse_layout(format, kind, weight.data(), H, F);
    std::byte* packed = bytes.make(layout.bytes());
    kernels::pack_sparse(layout, arrays.copy_of(weight), arrays.copy_of(bias), packed);
    kernels::StreamStep step;
    step.layout = {.format = format, .gates = 1, .input = F, .hidden = H};
    step.packed = packed;
    step.last_panel_first = last_panel_first;
    step.rows = B;
    step.x = arrays.copy_of(x);
    step.x_stride = F;
    step.next_stride = H;
    step.next = arrays.make(B * H);
    step.scratch = bytes.make(kernels::stream_scratch_bytes(step.layout, B));
    (reference ? kernels::reference_sparse_step(format, kind) : kernels::sparse_step(format, kind))(step);
    return {step.next, step.next + B * H};
  }

  double expected(int64_t b, int64_t h) const {
    const float *row = &x[b * F], *w = &weight[h * F];
    double sum = 0;
    if (format == WeightFormat::kI8) {
      std::vector<int8_t> left(static_cast<size_t>(F)), right(left);
      const double scale = static_cast<double>(kernels::quantize_row(row, F, left.data())) *
                           static_cast<double>(kernels::quantize_row(w, F, right.data()));
      for (int64_t k = 0; k < F; ++k) sum += left[k] * right[k];
      return sum * scale + static_cast<double>(bias[h]);
    }
    for (int64_t k = 0; k < F; ++k)
      sum += static_cast<double>(row[k]) *
             static_cast<double>(format == WeightFormat::kBF16 ? static_cast<float>(bf16(w[k])) : w[k]);
    return sum + static_cast<double>(bias[h]);
  }

  WeightFormat format;
  SparseBlocks kind;
  int64_t B, F, H;
  std::vector<float> x, weight, bias;
};

TEST(SparseAffine, ProductsAreThoseOfTheWholeWeight) {
  for (const WeightFormat format : kSparseFormats)
    for (const SparseBlocks kind : kKinds)
      for (const int64_t rows : {1, 3})
        for (const int64_t inputs : {1, 15, 16, 17, 45, 64, 133})
          for (const int64_t outputs : {1, 4, 7, 16, 17, 31, 100}) {
            const SparseMap map(format, kind, rows, inputs, outputs);
            for (const bool reference : {false, true}) {
              const std::vector<float> y = map.run(reference);
              for (int64_t b = 0; b < rows; ++b)
                for (int64_t h = 0; h < outputs; ++h) {
                  const double expected = map.expected(b, h);
                  ASSERT_NEAR(y[b * outputs + h], expected, 2e-6 * (4 + std::abs(expected)))
                      << "format " << static_cast<int>(format) << " kind " << static_cast<int>(kind) << ", [" << rows
                      << ", " << inputs << "] to " << outputs;
                }
            }
          }
}

TEST(SparseAffine, NeitherTheOrderOfPanelsNorOtherRowsChangeABit) {
  for (const WeightFormat format : kSparseFormats)
    for (const SparseBlocks kind : kKinds) {
      const SparseMap many(format, kind, 5, 77, 70);
      const std::vector<float> forwards = many.run();
      EXPECT_EQ(forwards, many.run(false, true));
      for (int64_t b = 0; b < 5; ++b) {
        SparseMap one(format, kind, 1, 77, 70);
        std::copy_n(many.x.begin() + b * 77, 77, one.x.begin());
        EXPECT_EQ(one.run(), std::vector(forwards.begin() + b * 70, forwards.begin() + (b + 1) * 70)) << "row " << b;
      }
    }
}

TEST(SparseAffine, OfNothingButZerosIsTheBias) {
  for (const WeightFormat format : kSparseFormats)
    for (const SparseBlocks kind : kKinds) {
      const SparseMap map(format, kind, 2, 40, 33, 1.1);
      std::vector<float> twice = map.bias;
      twice.insert(twice.end(), map.bias.begin(), map.bias.end());
      EXPECT_EQ(map.run(), twice);
    }
}

TEST(SparseAffine, IntegersDoNotOverflow) {
  for (const SparseBlocks kind : kKinds)
    for (const float sign : {1.0f, -1.0f}) {
      SparseMap map(WeightFormat::kI8, kind, 1, kernels::kMostSparseInputs, 1, 0);
      std::ranges::fill(map.x, 1.0f);
      std::ranges::fill(map.weight, sign);
      map.bias = {0};
      EXPECT_FLOAT_EQ(map.run()[0], sign * static_cast<float>(kernels::kMostSparseInputs));
    }
}

TEST(SparseAffine, UnpacksToWhatWasPacked) {
  for (const SparseBlocks kind : kKinds) {
    const SparseMap map(WeightFormat::kF32, kind, 1, 37, 41);
    const auto layout = kernels::sparse_layout(map.format, kind, map.weight.data(), map.H, map.F);
    GuardedArrays<std::byte> bytes;
    std::byte* packed = bytes.make(layout.bytes());
    kernels::pack_sparse(layout, map.weight.data(), map.bias.data(), packed);
    std::vector<float> weight(map.weight.size(), 9.0f), bias(map.bias.size());
    kernels::unpack_sparse(layout, packed, weight.data(), bias.data());
    EXPECT_EQ(weight, map.weight);
    EXPECT_EQ(bias, map.bias);
  }
}

TEST(SparseAffine, TheBlocksWithTheLeastLeftAreFound) {
  const auto found = [](kernels::BlockShape shape, double share, double most_left, int64_t outputs = 160) {
    std::vector<float> weight = drawn(outputs * 64, 5);
    drop_blocks(weight.data(), outputs, 64, shape, share, 6);
    return kernels::find_sparse_blocks(weight.data(), outputs, 64, most_left);
  };
  EXPECT_EQ(found({16, 1}, 0.8, 0.5), SparseBlocks::k16x1);
  EXPECT_EQ(found({4, 16}, 0.8, 0.5), SparseBlocks::k4x16);
  EXPECT_EQ(found({16, 1}, 0.3, 0.5), std::nullopt);
  EXPECT_EQ(found({1, 1}, 0.8, 0.5), std::nullopt) << "single zeros leave no blocks out";
  EXPECT_EQ(found({16, 1}, 0.8, 0.5, 8), std::nullopt) << "too small";
  std::vector<float> dense_below(160 * 64, 0.0f);
  std::fill(dense_below.begin() + 64 * 64, dense_below.end(), 1.0f);
  EXPECT_EQ(kernels::find_sparse_blocks(dense_below.data(), 160, 64, 0.5), std::nullopt);
  dense_below.back() = NAN;
  EXPECT_EQ(kernels::count_blocks(dense_below.data() + 159 * 64 + 60, 1, 4, {1, 1}), 4);
}

}  // namespace
}  // namespace recur::testing
