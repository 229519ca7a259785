// reshape.h, slice.h, concat.h, broadcast.h, cast.h and sum.h: what the declarative cases do not say.
#include "recur/autograd/grad.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

const Tensor x = Tensor::from({0, 1, 2, 3, 4, 5}, {2, 3});

TEST(Reshape, AndRowsShareTheElements) {
  EXPECT_TRUE(reshape(x, {3, -1}).shares_storage_with(x));
  EXPECT_EQ(reshape(x, {3, -1}).shape(), (Shape{3, 2}));
  EXPECT_TRUE(rows(x, 1, 2).shares_storage_with(x));
  EXPECT_THAT(row(x, 1).values<float>(), ElementsAre(3, 4, 5));
  EXPECT_EQ(rows(x, 1, 1).shape(), (Shape{0, 3}));
}

TEST(Reshape, NamesWhatDoesNotFit) {
  EXPECT_ERROR(reshape(x, {4, -1}), "reshape: [2, 3] does not fit into [4, -1]");
  EXPECT_ERROR(reshape(x, Shape{5}), "reshape: [2, 3] does not fit into [5]");
  EXPECT_ERROR(reshape(Tensor::zeros({0}), {0, -1}), "does not fit into [0, -1]");
  EXPECT_ERROR(rows(x, 1, 3), "rows: 1 .. 3 is not within [2, 3]");
  EXPECT_ERROR(rows(x, 2, 1), "rows: 2 .. 1");
  EXPECT_ERROR(row(x, -1), "rows: -1 .. 0");
  EXPECT_ERROR(rows(Tensor::scalar(1), 0, 1), "is not within []");
}

TEST(Slice, TakesARunOfAnyAxis) {
  EXPECT_THAT(slice(x, {.axis = 1, .begin = 1}, 2).values<float>(), ElementsAre(1, 2, 4, 5));
  EXPECT_EQ(slice(x, {.axis = 1, .begin = 3}, 0).shape(), (Shape{2, 0}));
  EXPECT_THAT(pad_slice(x, {2, 4}, {.axis = 1, .begin = 1}).values<float>(), ElementsAre(0, 0, 1, 2, 0, 3, 4, 5));
  EXPECT_ERROR(slice(x, {.axis = 1, .begin = 2}, 2), "slice: 2 .. 4 of axis 1 is not within [2, 3]");
  EXPECT_ERROR(slice(x, {.axis = 2, .begin = 0}, 1), "axis 2 is out of range");
  EXPECT_ERROR(pad_slice(x, {2, 4}, {.axis = 1, .begin = 2}), "pad_slice: 2 .. 5 of axis 1 is not within [2, 4]");
  EXPECT_ERROR(pad_slice(x, {3, 4}, {.axis = 1, .begin = 0}), "pad_slice: [2, 3] does not fit into [3, 4]");
}

TEST(Concat, JoinsAndSplitsUndoesIt) {
  const Tensor y = Tensor::from({8, 9}, {2, 1});
  const Tensor z = concat({x, y}, -1);
  EXPECT_THAT(z.values<float>(), ElementsAre(0, 1, 2, 8, 3, 4, 5, 9));
  const Tensors parts = split(z, 1, {3, 0, 1});
  EXPECT_THAT(parts[0].values<float>(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(parts[1].shape(), (Shape{2, 0}));
  EXPECT_THAT(parts[2].values<float>(), ElementsAre(8, 9));
  EXPECT_THAT(concat({Tensor::zeros({2, 0}), x}, 1).values<float>(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(stack({x, x, x}, 2).shape(), (Shape{2, 3, 3}));
}

TEST(Concat, SplitsTheFirstAxisIntoViewsAndJoinsTheirGradients) {
  Tensor whole = Tensor::from({1, 2, 3, 4, 5, 6}, {3, 2});
  whole.set_requires_grad();
  const Tensors parts = split(whole, 0, {1, 1, 1});
  EXPECT_EQ(std::as_const(parts[2]).data<float>(), std::as_const(whole).data<float>() + 4);
  sum(parts[0] * parts[2]).backward();
  EXPECT_THAT(whole.grad().values<float>(), ElementsAre(5, 6, 0, 0, 1, 2));
  EXPECT_TRUE(split(Tensor::zeros({0, 2}), 0, {}).empty());
}

TEST(Concat, NamesWhatDoesNotFit) {
  EXPECT_ERROR(concat({}, 0), "concat: expected at least one tensor");
  EXPECT_ERROR(stack({}), "stack: expected at least one tensor");
  EXPECT_ERROR(concat({x, Tensor::zeros({3, 3})}, 1), "concat: cannot join f32 [3, 3] and f32 [2, 3] along axis 1");
  EXPECT_ERROR(concat({x, x.clone(DType::kF64)}, 1), "concat: cannot join f64 [2, 3] and f32 [2, 3]");
  EXPECT_ERROR(split(x, 1, {1, 1}), "split: sizes [1, 1] do not add up to axis 1 of [2, 3]");
  EXPECT_ERROR(split(x, 1, {4, -1}), "slice: 0 .. 4 of axis 1");
}

TEST(BroadcastTo, RepeatsAndSumToUndoesIt) {
  const Tensor y = broadcast_to(x, {2, 2, 3});
  EXPECT_THAT(y.values<float>(), ElementsAre(0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5));
  EXPECT_THAT(sum_to(y, {2, 3}).values<float>(), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(sum_to(y, {1}).values<float>(), ElementsAre(30));
  EXPECT_ERROR(broadcast_to(x, {3}), "broadcast_to: [2, 3] cannot be broadcast to [3]");
}

TEST(Cast, ConvertsTheGradientBack) {
  Tensor y = Tensor::ones({2}).set_requires_grad();
  const Tensor g = grad(sum(cast(y, DType::kF64) * Tensor::scalar(3, DType::kF64)), y);
  EXPECT_EQ(g.dtype(), DType::kF32);
  EXPECT_THAT(g.values<float>(), ElementsAre(3, 3));
  EXPECT_FALSE(cast(y, DType::kI32).requires_grad());
}

TEST(Sum, TakesEmptyAxes) {
  EXPECT_EQ(sum(Tensor::zeros({0})).item(), 0);
  EXPECT_THAT(sum(Tensor::zeros({0, 2}), 0).values<float>(), ElementsAre(0, 0));
  EXPECT_EQ(sum(Tensor::zeros({2, 0}), 0).shape(), (Shape{0}));
  EXPECT_ERROR(mean(Tensor::zeros({0})), "mean: axis 0 of [0] is empty");
}

TEST(Sum, OfManyNumbersKeepsItsPrecision) {
  const Tensor ones = Tensor::full({1'000'000}, 0.1);
  EXPECT_NEAR(sum(ones).item(), 1e5, 2);
}

}  // namespace
}  // namespace recur
