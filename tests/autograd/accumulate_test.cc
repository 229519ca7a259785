#include "recur/autograd/accumulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/autograd/node.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"

namespace recur::autograd {
namespace {

using ::testing::ElementsAre;

TEST(Accumulate, TakesTheFirstGradientAsItIs) {
  Tensor sum;
  const Tensor first = Tensor::from({1, 2}, {2});
  accumulate(sum, first);
  EXPECT_EQ(sum.id(), first.id());
}

TEST(Accumulate, AddsWithoutANewArrayWhereNobodyElseSeesOneOfTheTwo) {
  const NoGrad no_grad;
  Tensor sum = Tensor::from({1, 2}, {2});
  const void* own = sum.id();
  const Tensor seen = Tensor::from({3, 4}, {2});
  accumulate(sum, seen);
  EXPECT_EQ(sum.id(), own);
  EXPECT_THAT(sum.values<float>(), ElementsAre(4, 6));
  EXPECT_THAT(seen.values<float>(), ElementsAre(3, 4));
  Tensor other = seen;
  accumulate(other, std::move(sum));
  EXPECT_EQ(other.id(), own);
  EXPECT_THAT(other.values<float>(), ElementsAre(7, 10));
  EXPECT_THAT(seen.values<float>(), ElementsAre(3, 4));
}

TEST(Accumulate, LeavesWhatOthersSee) {
  const NoGrad no_grad;
  const Tensor a = Tensor::from({1, 2}, {2}), whole = Tensor::from({3, 4, 5, 6}, {4});
  Tensor sum = a;
  accumulate(sum, whole.alias(2, {2}));  // the same elements as another array's
  EXPECT_THAT(sum.values<float>(), ElementsAre(6, 8));
  EXPECT_THAT(a.values<float>(), ElementsAre(1, 2));
  EXPECT_THAT(whole.values<float>(), ElementsAre(3, 4, 5, 6));
}

TEST(Accumulate, KeepsGradientsThatAreHeld) {
  Tensor w = Tensor::from({1, 2}, {2});
  w.set_requires_grad();
  sum(w * w).backward();
  const Tensor held = w.grad();
  sum(w * w).backward();
  EXPECT_THAT(held.values<float>(), ElementsAre(2, 4));
  EXPECT_THAT(w.grad().values<float>(), ElementsAre(4, 8));
}

TEST(Accumulate, IsRecordedWhereItsTermsAre) {
  Tensor a = Tensor::from({1, 2}, {2}), b = Tensor::from({3, 4}, {2});
  a.set_requires_grad();
  b.set_requires_grad();
  Tensor total = a * b;
  accumulate(total, a * a);
  sum(total).backward();
  EXPECT_THAT(a.grad().values<float>(), ElementsAre(5, 8));  // b + 2 a
  EXPECT_THAT(b.grad().values<float>(), ElementsAre(1, 2));
}

}  // namespace
}  // namespace recur::autograd
