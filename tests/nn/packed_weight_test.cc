#include "recur/nn/packed_weight.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "recur/nn/cells/cell.h"

namespace recur {
namespace {

float largest(const Tensor& packed) { return std::ranges::max(packed.values<float>()); }

Tensor weight_of(double value) { return Tensor::full({4 * 3, 3}, value); }

TEST(PackedWeight, IsPackedOnceWhileTheWeightStays) {
  const auto& kernels = find_cell("lstm").f32;
  PackedWeight kept;
  const Tensor weight = weight_of(2);
  const Tensor first = kept.forward(kernels, {weight, {}});
  EXPECT_EQ(largest(first), 2);
  EXPECT_EQ(kept.forward(kernels, {weight, {}}).id(), first.id());
  EXPECT_EQ(kept.forward(kernels, {weight.detach(), {}}).id(), first.id());  // another handle on the same elements
}

TEST(PackedWeight, SeesEveryChange) {
  const auto& kernels = find_cell("lstm").f32;
  PackedWeight kept;
  Tensor weight = weight_of(2);
  kept.forward(kernels, {weight, {}});
  weight.data<float>()[5] = 9;
  EXPECT_EQ(largest(kept.forward(kernels, {weight, {}})), 9);
  weight.rebind(weight_of(3));
  EXPECT_EQ(largest(kept.forward(kernels, {weight, {}})), 3);
  EXPECT_EQ(largest(kept.forward(kernels, {weight_of(4), {}})), 4);
}

// Without the input's weights they are packed otherwise; in bf16, at half the size.
TEST(PackedWeight, TellsTheFormsApart) {
  const Cell& cell = find_cell("lstm");
  PackedWeight kept;
  const Tensor weight = weight_of(2), input = Tensor::full({4 * 3, 5}, 7.0);
  EXPECT_EQ(largest(kept.forward(cell.f32, {weight, {}})), 2);
  EXPECT_EQ(largest(kept.forward(cell.f32, {weight, input})), 7);
  EXPECT_EQ(kept.forward(cell.bf16, {weight, input}).dtype(), DType::kBF16);
  EXPECT_EQ(largest(kept.forward(cell.f32, {weight, {}})), 2);
}

// A weight of one call alone, as weight drop makes them: the next one is often put where the last one was.
TEST(PackedWeight, TakesNoNewWeightForAFreedOne) {
  const auto& kernels = find_cell("lstm").f32;
  PackedWeight kept;
  for (int i = 1; i < 100; ++i) EXPECT_EQ(largest(kept.forward(kernels, {weight_of(i), {}})), i);
}

}  // namespace
}  // namespace recur
