#include "recur/tensor/dtype.h"

#include <cmath>

#include "tests/support/throws.h"

namespace recur {
namespace {

float through_bf16(float value) { return static_cast<float>(bf16(value)); }

TEST(Bf16, KeepsWhatItCanHold) {
  for (const float value : {0.0f, -0.0f, 1.0f, -2.5f, 1.0078125f, 3.3895314e38f, INFINITY, -INFINITY}) {
    EXPECT_EQ(through_bf16(value), value);
    EXPECT_EQ(std::signbit(through_bf16(value)), std::signbit(value));
  }
}

TEST(Bf16, RoundsToNearestAndTiesToEven) {
  const float step = 1.0f / 128;  // between neighbours above 1
  EXPECT_EQ(through_bf16(1 + 0.4f * step), 1);
  EXPECT_EQ(through_bf16(1 + 0.6f * step), 1 + step);
  EXPECT_EQ(through_bf16(1 + 0.5f * step), 1);             // down to even
  EXPECT_EQ(through_bf16(1 + 1.5f * step), 1 + 2 * step);  // up to even
  EXPECT_EQ(through_bf16(-1 - 1.5f * step), -1 - 2 * step);
}

TEST(Bf16, OverflowsToInfinityAndKeepsNan) {
  EXPECT_EQ(through_bf16(3.4e38f), INFINITY);
  EXPECT_TRUE(std::isnan(through_bf16(NAN)));
  // A NaN whose payload lies in the lower half only must not round to infinity.
  EXPECT_TRUE(std::isnan(through_bf16(std::bit_cast<float>(0x7f800001u))));
  EXPECT_TRUE(std::isnan(through_bf16(std::bit_cast<float>(0xffffffffu))));
}

// Every bf16 but NaN survives the way through f32.
TEST(Bf16, IsExactInSinglePrecision) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = std::bit_cast<float>(bits << 16);
    if (std::isnan(value)) continue;
    EXPECT_EQ(bf16(value).bits, bits);
  }
}

TEST(DType, KnowsSizesAndNames) {
  dispatch(DType::kBF16, [](auto zero) { EXPECT_EQ(sizeof(zero), 2u); });
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kBF16, DType::kI32, DType::kI64, DType::kU8}) {
    dispatch(dtype, [&](auto zero) {
      EXPECT_EQ(item_size(dtype), sizeof(zero));
      EXPECT_EQ(kDTypeOf<decltype(zero)>, dtype);
    });
    EXPECT_STRNE(name_of(dtype), "?");
  }
  EXPECT_TRUE(is_floating(DType::kBF16));
  EXPECT_FALSE(is_floating(DType::kI64));
}

TEST(DType, NamesTheOpThatCannotComputeInIt) {
  EXPECT_ERROR(dispatch_float("exp", DType::kI32, [](auto) {}), "exp: expected f32 or f64, got i32");
}

}  // namespace
}  // namespace recur
