#include "recur/ops/flip.h"

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

const Tensor x = Tensor::from({1, 2, 3, 4}, {2, 2});

TEST(Flip, ReversesOneAxisOfAnyDtype) {
  EXPECT_THAT(flip(x, 0).values<float>(), ElementsAre(3, 4, 1, 2));
  EXPECT_THAT(flip(x, 1).values<float>(), ElementsAre(2, 1, 4, 3));
  EXPECT_THAT(flip(x.clone(DType::kU8), -1).values<uint8_t>(), ElementsAre(2, 1, 4, 3));
  EXPECT_EQ(flip(Tensor::zeros({2, 0}), 0).shape(), (Shape{2, 0}));
}

}  // namespace
}  // namespace recur
