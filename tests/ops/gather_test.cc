#include "recur/ops/gather.h"

#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

Tensor ints(std::vector<int32_t> values, const Shape& shape) { return Tensor::from(values, shape); }

const Tensor x = Tensor::from({0, 1, 2, 10, 11, 12}, {2, 3});

TEST(Gather, TakesElementsAlongTheAxis) {
  EXPECT_THAT(gather(x, 1, ints({2, 0, 0, 1}, {2, 2})).values<float>(), ::testing::ElementsAre(2, 0, 10, 11));
  EXPECT_THAT(gather(x, 0, ints({1, 0, 1}, {1, 3})).values<float>(), ::testing::ElementsAre(10, 1, 12));
}

TEST(Gather, TakesIntegersAndNothing) {
  const Tensor whole = ints({5, 6, 7}, {3});
  EXPECT_THAT(gather(whole, 0, ints({2, 2}, {2})).values<int32_t>(), ::testing::ElementsAre(7, 7));
  EXPECT_EQ(gather(x, 1, ints({}, {2, 0})).shape(), (Shape{2, 0}));
}

TEST(Gather, NamesWhatDoesNotFit) {
  EXPECT_ERROR(gather(x, 1, ints({0, 3}, {2, 1})), "gather: index 3 at position 1 of [2, 1] is not within axis 1");
  EXPECT_ERROR(gather(x, 1, ints({0, -1}, {2, 1})), "index -1");
  EXPECT_ERROR(gather(x, 1, ints({0, 1, 2}, {3, 1})), "index [3, 1] does not fit [2, 3] along axis 1");
  EXPECT_ERROR(gather(x, 1, ints({0}, {1})), "does not fit");
  EXPECT_ERROR(gather(x, 1, x), "index: expected i32, got f32");
}

TEST(ScatterAdd, AddsElementsThatShareAPlace) {
  const Tensor y = scatter_add(Tensor::from({1, 2, 4, 8}, {2, 2}), 1, ints({2, 2, 0, 1}, {2, 2}), 3);
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(0, 0, 3, 4, 8, 0));
}

TEST(ScatterAdd, NamesWhatDoesNotFit) {
  EXPECT_ERROR(scatter_add(x, 1, ints({0, 1}, {2, 1}), 3), "expected an index of shape [2, 3], got [2, 1]");
  EXPECT_ERROR(scatter_add(x, 1, ints({0, 1, 2, 3, 0, 0}, {2, 3}), 3), "scatter_add: index 3 at position 3");
}

}  // namespace
}  // namespace recur
