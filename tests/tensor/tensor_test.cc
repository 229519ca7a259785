#include "recur/tensor/tensor.h"

#include <limits>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

TEST(Tensor, IsMadeFromValuesOrFilled) {
  const Tensor x = Tensor::from({1, 2, 3, 4, 5, 6}, {2, 3});
  EXPECT_EQ(x.shape(), (Shape{2, 3}));
  EXPECT_EQ(x.dtype(), DType::kF32);
  EXPECT_THAT(x.values<float>(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(Tensor::full({3}, 7, DType::kI64).values<int64_t>(), Each(7));
  EXPECT_THAT(Tensor::ones({3}, DType::kU8).values<uint8_t>(), Each(1));
  EXPECT_THAT(Tensor::from(std::vector<double>{1.5}, {1}).values<double>(), ElementsAre(1.5));
  EXPECT_EQ(Tensor::scalar(2.5, DType::kBF16).item(), 2.5);
  EXPECT_EQ(Tensor::zeros({0, 3}).numel(), 0);
}

TEST(Tensor, NamesWhatDoesNotFit) {
  EXPECT_ERROR(Tensor::from({1, 2}, {3}), "tensor: shape [3] needs 3 values, got 2");
  EXPECT_ERROR(Tensor::zeros({2}).data<double>(), "tensor: expected f64, got f32");
  EXPECT_ERROR(Tensor::zeros({2}).item(), "item: expected one element, got shape [2]");
  EXPECT_ERROR(Tensor().shape(), "an undefined tensor was used");
  EXPECT_ERROR(Tensor::zeros({2}).copy_from(Tensor::zeros({3})), "copy: expected f32 [2], got f32 [3]");
  EXPECT_ERROR(Tensor::zeros({2}).copy_from(Tensor::zeros({2}, DType::kF64)), "copy: expected f32 [2], got f64 [2]");
}

TEST(Tensor, ReportsMemoryThatCannotBeHad) {
  EXPECT_ERROR(Tensor::empty({int64_t{1} << 56}), "out of memory");
  EXPECT_EQ(Tensor::ones({3}).values<float>()[2], 1) << "and goes on";
}

TEST(Tensor, UndefinedStandsForNone) {
  const Tensor none;
  EXPECT_FALSE(none.defined());
  EXPECT_FALSE(static_cast<bool>(none));
  EXPECT_FALSE(none.requires_grad());
}

TEST(Tensor, CopiesShareElementsAndClonesDoNot) {
  Tensor x = Tensor::zeros({2});
  const Tensor handle = x, copy = x.clone();
  x.data<float>()[0] = 5;
  EXPECT_THAT(handle.values<float>(), ElementsAre(5, 0));
  EXPECT_THAT(copy.values<float>(), ElementsAre(0, 0));
  EXPECT_EQ(handle.id(), x.id());
  EXPECT_FALSE(copy.shares_storage_with(x));
}

TEST(Tensor, AliasesArePartsOfTheSameStorage) {
  Tensor x = Tensor::from({0, 1, 2, 3, 4, 5}, {6});
  Tensor part = x.alias(2, {2, 2});
  EXPECT_TRUE(part.shares_storage_with(x));
  EXPECT_THAT(part.values<float>(), ElementsAre(2, 3, 4, 5));
  part.data<float>()[0] = 9;
  EXPECT_EQ(x.values<float>()[2], 9);
  EXPECT_THAT(part.alias(1, {3}).values<float>(), ElementsAre(3, 4, 5));
}

TEST(Tensor, AnAliasOutlivesItsOrigin) {
  Tensor part;
  {
    const Tensor x = Tensor::full({1000}, 3);
    part = x.alias(999, {1});
  }
  const Tensor other = Tensor::full({1000}, 4);
  EXPECT_EQ(part.item(), 3);
}

TEST(Tensor, ConvertsBetweenDtypes) {
  const Tensor x = Tensor::from({-1.75, 0, 300.25}, {3});
  EXPECT_THAT(x.clone(DType::kF64).values<double>(), ElementsAre(-1.75, 0, 300.25));
  EXPECT_THAT(x.clone(DType::kI32).values<int32_t>(), ElementsAre(-1, 0, 300));
  EXPECT_THAT(x.clone(DType::kBF16).clone(DType::kF32).values<float>(), ElementsAre(-1.75, 0, 300));
  EXPECT_THAT(x.clone(DType::kBF16).clone(DType::kI64).values<int64_t>(), ElementsAre(-1, 0, 300));
}

TEST(Tensor, CopyFromOverwritesForEveryHandle) {
  Tensor x = Tensor::zeros({2});
  const Tensor handle = x;
  x.copy_from(Tensor::from({1, 2}, {2}));
  EXPECT_THAT(handle.values<float>(), ElementsAre(1, 2));
}

TEST(Tensor, RebindMakesEveryHandleSeeTheOtherElements) {
  Tensor x = Tensor::zeros({2}).set_requires_grad();
  const Tensor handle = x, buffer = Tensor::from({5, 6, 7}, {3});
  x.rebind(buffer.alias(1, {2}));
  EXPECT_THAT(handle.values<float>(), ElementsAre(6, 7));
  EXPECT_TRUE(handle.requires_grad());
  EXPECT_ERROR(x.rebind(buffer), "rebind: expected shape [2], got [3]");
}

TEST(Tensor, OnlyFloatingLeavesTakeAGradient) {
  Tensor x = Tensor::zeros({2}, DType::kI32);
  EXPECT_ERROR(x.set_requires_grad(), "expected a floating dtype, got i32");
  Tensor y = Tensor::zeros({2});
  EXPECT_FALSE(y.requires_grad());
  EXPECT_TRUE(y.set_requires_grad().requires_grad());
  EXPECT_FALSE(y.detach().requires_grad());
  EXPECT_FALSE(y.clone().requires_grad());
  EXPECT_FALSE(y.set_requires_grad(false).requires_grad());
  EXPECT_ERROR(y.set_grad(Tensor::zeros({3})), "set_grad: expected shape [2], got [3]");
}

}  // namespace
}  // namespace recur
