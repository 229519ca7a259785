#include "recur/tensor/shape.h"

#include <limits>

#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Shape, CountsAxesAndElements) {
  EXPECT_EQ(Shape{}.rank(), 0);
  EXPECT_EQ(Shape{}.numel(), 1);
  EXPECT_EQ((Shape{2, 3, 4}).numel(), 24);
  EXPECT_EQ((Shape{2, 0, 4}).numel(), 0);
  EXPECT_EQ((Shape{2, 3, 4}).str(), "[2, 3, 4]");
  EXPECT_EQ(Shape{}.str(), "[]");
}

TEST(Shape, IndexesFromBothEnds) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape[0], 2);
  EXPECT_EQ(shape[-1], 4);
  EXPECT_EQ(shape[-3], 2);
  EXPECT_ERROR(shape[3], "axis 3 is out of range for shape [2, 3, 4]");
  EXPECT_ERROR(shape[-4], "axis -4 is out of range");
  EXPECT_ERROR(Shape{}[0], "axis 0 is out of range for shape []");
}

TEST(Shape, KnowsTheStrideOfEachAxis) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape.stride(0), 12);
  EXPECT_EQ(shape.stride(1), 4);
  EXPECT_EQ(shape.stride(-1), 1);
}

TEST(Shape, ChangesOneAxis) {
  const Shape shape{2, 3};
  EXPECT_EQ(shape.inserted(0, 7), (Shape{7, 2, 3}));
  EXPECT_EQ(shape.inserted(2, 7), (Shape{2, 3, 7}));
  EXPECT_EQ(shape.erased(0), (Shape{3}));
  EXPECT_EQ(shape.erased(-1), (Shape{2}));
  EXPECT_EQ(shape.with(1, 9), (Shape{2, 9}));
  EXPECT_ERROR(shape.inserted(3, 1), "cannot insert axis 3 into shape [2, 3]");
  EXPECT_ERROR((Shape{1, 1, 1, 1, 1, 1}).inserted(0, 1), "cannot insert axis 0");
}

TEST(Shape, ComparesRankAndSizes) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{2, 3, 1}));
  EXPECT_FALSE((Shape{2, 3}) == (Shape{3, 2}));
  EXPECT_EQ((Shape{2, 3, 4}).erased(2), (Shape{2, 3}));
}

TEST(Shape, RefusesWhatNoTensorCanHave) {
  EXPECT_ERROR((Shape{1, 1, 1, 1, 1, 1, 1}), "shape: at most 6 axes, got 7");
  EXPECT_ERROR((Shape{3, -1}), "shape: negative size in [3, -1]");
  const int64_t huge = std::numeric_limits<int64_t>::max() / 4;
  EXPECT_ERROR((Shape{huge, huge}), "is too large");
  EXPECT_ERROR((Shape{huge, 0, huge}), "is too large");
}

TEST(Broadcast, StretchesAxesOfSizeOneAndMissingOnes) {
  EXPECT_EQ(broadcast("op", {3, 1}, {2, 1, 4}), (Shape{2, 3, 4}));
  EXPECT_EQ(broadcast("op", {}, {2, 3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast("op", {5, 0}, {1}), (Shape{5, 0}));
  EXPECT_EQ(broadcast("op", {1}, {0}), (Shape{0}));
  EXPECT_ERROR(broadcast("op", {3}, {2, 4}), "op: shapes [3] and [2, 4] do not broadcast");
  EXPECT_ERROR(broadcast("op", {0}, {2}), "do not broadcast");
}

}  // namespace
}  // namespace recur
