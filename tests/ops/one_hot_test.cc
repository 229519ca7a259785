#include "recur/ops/one_hot.h"

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(Arange, CountsFromZero) {
  EXPECT_THAT(arange(3).values<int32_t>(), ElementsAre(0, 1, 2));
  EXPECT_THAT(arange(2, DType::kF64).values<double>(), ElementsAre(0, 1));
  EXPECT_EQ(arange(0).shape(), (Shape{0}));
  EXPECT_ERROR(arange(-1), "arange: expected n >= 0, got -1");
}

TEST(OneHot, PutsAOneAtEachId) {
  const Tensor ids = Tensor::from(std::vector<int32_t>{2, 0}, {1, 2});
  const Tensor y = one_hot(ids, 3);
  EXPECT_EQ(y.shape(), (Shape{1, 2, 3}));
  EXPECT_THAT(y.values<float>(), ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_THAT(one_hot(ids, 3, DType::kI32).values<int32_t>(), ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_ERROR(one_hot(ids, 2), "one_hot: id 2 at position 0 of [1, 2] is not within 0 .. 1");
  EXPECT_ERROR(one_hot(ids, -1), "one_hot: expected V >= 0, got -1");
}

}  // namespace
}  // namespace recur
