#include "recur/ops/pad.h"

#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

const Tensor x = Tensor::from({1, 2, 3, 4}, {2, 2});

TEST(Pad, PutsTheLastEntryAtTheLastAxis) {
  const Tensor y = pad(x, {{0, 1}, {1, 0}}, 9);
  EXPECT_EQ(y.shape(), (Shape{3, 3}));
  EXPECT_THAT(y.values<float>(), ElementsAre(9, 1, 2, 9, 3, 4, 9, 9, 9));
  EXPECT_THAT(pad(x, {{0, 1}}).values<float>(), ElementsAre(1, 2, 0, 3, 4, 0));
  EXPECT_EQ(pad(x, {{0, 0}}).id(), x.id());
}

TEST(Pad, NamesWhatIsWrong) {
  EXPECT_ERROR(pad(x, {{-1, 0}}), "pad: expected sizes >= 0, got -1 and 0");
  EXPECT_ERROR(pad(x, {{}, {}, {}}), "pad: 3 axes are more than [2, 2] has");
}

TEST(Tile, AndRepeatDifferInOrder) {
  EXPECT_THAT(tile(x, 1, 2).values<float>(), ElementsAre(1, 2, 1, 2, 3, 4, 3, 4));
  EXPECT_THAT(repeat(x, 1, 2).values<float>(), ElementsAre(1, 1, 2, 2, 3, 3, 4, 4));
  EXPECT_THAT(tile(x, 0, 2).values<float>(), ElementsAre(1, 2, 3, 4, 1, 2, 3, 4));
  EXPECT_THAT(repeat(x, 0, 2).values<float>(), ElementsAre(1, 2, 1, 2, 3, 4, 3, 4));
}

TEST(Tile, TakesCountsDownToZero) {
  EXPECT_EQ(tile(x, 0, 0).shape(), (Shape{0, 2}));
  EXPECT_EQ(repeat(x, 1, 1).shape(), (Shape{2, 2}));
  EXPECT_EQ(tile(Tensor::zeros({1, 1, 1, 1, 1, 2}), -1, 3).shape(), (Shape{1, 1, 1, 1, 1, 6}));
  EXPECT_ERROR(repeat(x, 0, -1), "repeat: expected a count >= 0, got -1");
}

}  // namespace
}  // namespace recur
