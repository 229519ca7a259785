// The products of a streaming step, on arrays that end where memory ends, for the instruction set in use.
#include "recur/kernels/stream.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "recur/base/bf16.h"
#include "recur/base/random.h"
#include "recur/kernels/quantize.h"
#include "tests/support/guarded.h"

namespace recur::testing {
namespace {

using kernels::PanelLayout;
using kernels::StreamStep;
using kernels::WeightFormat;

constexpr WeightFormat kFormats[] = {WeightFormat::kF32, WeightFormat::kBF16, WeightFormat::kI8};

std::vector<float> numbers(int64_t count, uint64_t seed) {
  std::vector<float> values(static_cast<size_t>(count));
  Random random(seed);
  random.normal(values);
  return values;
}

// An affine map and what it should give.
struct Affine {
  Affine(WeightFormat format, int64_t rows, int64_t inputs, int64_t outputs)
      : B(rows), F(inputs), H(outputs), x(numbers(B * F, 1)), weight(numbers(H * F, 2)), bias(numbers(H, 3)) {
    layout = {.format = format, .gates = 1, .input = F, .hidden = H};
    layout.cut_for(kernels::linear_kernels().lanes);
  }

  std::vector<float> run(bool last_panel_first = false) const {
    GuardedArrays<float> arrays;
    GuardedArrays<std::byte> bytes;
    std::byte* packed = bytes.make(kernels::round_up(layout.bytes(), 64));
    kernels::pack_panels(layout, {.weight_ih = arrays.copy_of(weight), .bias_x = arrays.copy_of(bias)}, packed);
    StreamStep step;
    step.layout = layout;
    step.packed = packed;
    step.last_panel_first = last_panel_first;
    step.rows = B;
    step.x = arrays.copy_of(x);
    step.x_stride = F;
    step.next_stride = layout.padded_hidden();
    step.next = arrays.make(B * step.next_stride);
    step.h = step.next;
    step.scratch = bytes.make(kernels::stream_scratch_bytes(layout, B));
    kernels::linear_kernels().step[static_cast<int>(layout.format)](step);
    std::vector<float> y;
    for (int64_t b = 0; b < B; ++b)
      y.insert(y.end(), step.next + b * step.next_stride, step.next + b * step.next_stride + H);
    return y;
  }

  double expected(int64_t b, int64_t h) const {
    const float *row = &x[b * F], *w = &weight[h * F];
    double sum = 0;
    if (layout.format == WeightFormat::kI8) {
      std::vector<int8_t> left(static_cast<size_t>(F)), right(left);
      const double scale = static_cast<double>(kernels::quantize_row(row, F, left.data())) *
                           static_cast<double>(kernels::quantize_row(w, F, right.data()));
      for (int64_t k = 0; k < F; ++k) sum += left[k] * right[k];
      return sum * scale + static_cast<double>(bias[h]);
    }
    for (int64_t k = 0; k < F; ++k) {
      const float value = layout.format == WeightFormat::kBF16 ? static_cast<float>(bf16(w[k])) : w[k];
      sum += static_cast<double>(row[k]) * static_cast<double>(value);
    }
    return sum + static_cast<double>(bias[h]);
  }

  int64_t B, F, H;
  std::vector<float> x, weight, bias;
  PanelLayout layout;
};

TEST(StreamKernels, ProductsAreThoseOfTheRoundedNumbers) {
  for (const WeightFormat format : kFormats)
    for (const int64_t rows : {1, 2, 3, 7})
      for (const int64_t inputs : {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 64, 133})
        for (const int64_t outputs : {1, 3, 8, 16, 17, 63, 64, 300}) {
          const Affine affine(format, rows, inputs, outputs);
          const std::vector<float> y = affine.run();
          for (int64_t b = 0; b < rows; ++b)
            for (int64_t h = 0; h < outputs; ++h) {
              const double expected = affine.expected(b, h);
              ASSERT_NEAR(y[b * outputs + h], expected, 2e-6 * (4 + std::abs(expected)))
                  << "format " << static_cast<int>(format) << ", [" << rows << ", " << inputs << "] to " << outputs;
            }
        }
}

TEST(StreamKernels, NeitherTheOrderOfPanelsNorOtherRowsChangeABit) {
  for (const WeightFormat format : kFormats) {
    const Affine many(format, 7, 45, 130);
    const std::vector<float> forwards = many.run(), backwards = many.run(true);
    EXPECT_EQ(forwards, backwards);
    for (int64_t b = 0; b < 7; ++b) {
      Affine one(format, 1, 45, 130);
      std::copy_n(many.x.begin() + b * 45, 45, one.x.begin());
      EXPECT_EQ(one.run(), std::vector(forwards.begin() + b * 130, forwards.begin() + (b + 1) * 130)) << "row " << b;
    }
  }
}

// The largest sums that there can be: 65536 inputs at the ends of the range.
TEST(StreamKernels, IntegersDoNotOverflow) {
  for (const float sign : {1.0f, -1.0f}) {
    Affine affine(WeightFormat::kI8, 1, kernels::kMostI8Inputs, 1);
    std::ranges::fill(affine.x, 1.0f);
    std::ranges::fill(affine.weight, sign);
    affine.bias = {0};
    EXPECT_FLOAT_EQ(affine.run()[0], sign * static_cast<float>(kernels::kMostI8Inputs));
  }
}

TEST(StreamKernels, NotANumberStaysSoAndStaysInItsRow) {
  for (const WeightFormat format : kFormats)
    for (const float bad : {NAN, INFINITY}) {
      Affine affine(format, 2, 9, 20);
      const std::vector<float> good = affine.run();
      affine.x[4] = bad;
      const std::vector<float> y = affine.run();
      for (int64_t h = 0; h < 20; ++h) {
        EXPECT_FALSE(std::isfinite(y[h])) << h;
        EXPECT_EQ(y[20 + h], good[20 + h]) << h;
      }
    }
}

TEST(StreamKernels, NothingIsTheBias) {
  for (const WeightFormat format : kFormats)
    for (const float tiny : {0.0f, 1e-42f}) {
      Affine affine(format, 1, 6, 5);
      std::ranges::fill(affine.x, tiny);
      EXPECT_EQ(affine.run(), affine.bias) << static_cast<int>(format) << ' ' << tiny;
    }
}

TEST(QuantizeRow, RoundsToTheNearestOf255Steps) {
  const float x[] = {-2.54f, 0, 0.01f, 0.0099f, 1.27f, 2.54f};
  int8_t q[6];
  EXPECT_FLOAT_EQ(kernels::quantize_row(x, 6, q), 0.02f);
  EXPECT_EQ(std::vector<int>(q, q + 6), (std::vector<int>{-127, 0, 0, 0, 64, 127}));
}

TEST(QuantizeRow, OfWhatWasQuantisedGivesTheSameIntegers) {
  for (const float size : {1e-30f, 1e-3f, 1.0f, 1e30f}) {
    std::vector<float> x = numbers(200, 5);
    for (float& value : x) value *= size;
    std::vector<int8_t> q(200), again(200);
    const float scale = kernels::quantize_row(x.data(), 200, q.data());
    for (size_t i = 0; i < x.size(); ++i) x[i] = scale * static_cast<float>(q[i]);
    EXPECT_FLOAT_EQ(kernels::quantize_row(x.data(), 200, again.data()), scale);
    EXPECT_EQ(q, again);
  }
}

}  // namespace
}  // namespace recur::testing
