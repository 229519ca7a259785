#include "recur/nn/init.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace recur {
namespace {

using ::testing::ElementsAreArray;

struct Moments {
  double mean, deviation, largest;
};
Moments moments(const Tensor& t) {
  double sum = 0, squares = 0, largest = 0;
  for (const float x : t.values<float>()) {
    sum += x;
    squares += double{x} * x;
    largest = std::max(largest, std::abs(double{x}));
  }
  const double n = static_cast<double>(t.numel());
  return {sum / n, std::sqrt(squares / n - sum * sum / n / n), largest};
}

// The largest |a b| off by from gain^2 on the diagonal and 0 elsewhere, over pairs of rows.
double orthogonality_error(const Tensor& t, bool of_rows) {
  const int64_t rows = t.size(0), columns = t.numel() / rows;
  const int64_t vectors = of_rows ? rows : columns, length = of_rows ? columns : rows;
  const double* p = t.data<double>();
  double worst = 0;
  for (int64_t a = 0; a < vectors; ++a)
    for (int64_t b = 0; b <= a; ++b) {
      double product = 0;
      for (int64_t i = 0; i < length; ++i)
        product += of_rows ? p[a * columns + i] * p[b * columns + i] : p[i * columns + a] * p[i * columns + b];
      worst = std::max(worst, std::abs(product - (a == b ? 4.0 : 0.0)));
    }
  return worst;
}

TEST(Init, DrawsTheDistributionAskedFor) {
  Random random(5);
  const Tensor t = Tensor::empty({100, 400});
  init::uniform(t, -2, 4, random);
  EXPECT_NEAR(moments(t).mean, 1, 0.05);
  EXPECT_NEAR(moments(t).deviation, 6 / std::sqrt(12), 0.03);
  init::normal(t, -1, 0.5, random);
  EXPECT_NEAR(moments(t).mean, -1, 0.01);
  EXPECT_NEAR(moments(t).deviation, 0.5, 0.01);
}

TEST(Init, ScalesByTheFan) {
  Random random(6);
  const Tensor t = Tensor::empty({100, 300});  // 300 in, 100 out
  init::xavier_uniform(t, random, 2);
  EXPECT_NEAR(moments(t).deviation, 2 * std::sqrt(2.0 / 400), 0.002);
  EXPECT_LE(moments(t).largest, 2 * std::sqrt(6.0 / 400));
  init::xavier_normal(t, random);
  EXPECT_NEAR(moments(t).deviation, std::sqrt(2.0 / 400), 0.001);
  init::kaiming_normal(t, random);
  EXPECT_NEAR(moments(t).deviation, std::sqrt(2.0 / 300), 0.001);
  init::kaiming_uniform(t, random);
  EXPECT_NEAR(moments(t).deviation, std::sqrt(2.0 / 300), 0.001);
  EXPECT_EQ(init::fan({8, 3, 5}).in, 15);
  EXPECT_EQ(init::fan({8, 3, 5}).out, 40);
}

TEST(Init, OrthogonalHasOrthonormalRowsOrColumns) {
  for (const Shape& shape : {Shape{1, 1}, Shape{5, 9}, Shape{33, 33}, Shape{9, 5}, Shape{4, 3, 2}, Shape{1, 7}}) {
    Random random(7);
    const Tensor t = Tensor::empty(shape, DType::kF64);
    init::orthogonal(t, random, 2);
    EXPECT_LT(orthogonality_error(t, shape[0] <= shape.numel() / shape[0]), 1e-13) << shape.str();
  }
}

TEST(Init, IdentityIsRectangularToo) {
  const Tensor t = Tensor::empty({2, 3});
  init::identity(t, 0.5);
  EXPECT_THAT(t.values<float>(), ::testing::ElementsAre(0.5f, 0, 0, 0, 0.5f, 0));
  init::constant(t, 3);
  EXPECT_EQ(t.data<float>()[5], 3.0f);
}

TEST(Init, GivesBothPrecisionsTheSameValues) {
  Random one(8), two(8);
  const Tensor single = Tensor::empty({7, 6}), both = Tensor::empty({7, 6}, DType::kF64);
  init::orthogonal(single, one);
  init::orthogonal(both, two);
  EXPECT_THAT(single.values<float>(), ElementsAreArray(both.clone(DType::kF32).values<float>()));
}

TEST(Init, TheDefaultGeneratorStartsAnewFromItsSeed) {
  seed_default_random(11);
  const float first = default_random().uniform();
  const float second = default_random().uniform();
  seed_default_random(11);
  EXPECT_EQ(default_random().uniform(), first);
  EXPECT_NE(first, second);
}

TEST(Init, RejectsShapesWithoutAFanAndIntegers) {
  Random random(9);
  EXPECT_THROW(init::xavier_uniform(Tensor::empty({3}), random), Error);
  EXPECT_THROW(init::orthogonal(Tensor::empty({3}), random), Error);
  EXPECT_THROW(init::identity(Tensor::empty({3})), Error);
  EXPECT_THROW(init::uniform(Tensor::empty({3}, DType::kI32), 0, 1, random), Error);
  EXPECT_NO_THROW(init::orthogonal(Tensor::empty({0, 3}), random));
}

TEST(Init, UniformFillsItsRangeEvenly) {
  Random random(12);
  const Tensor t = Tensor::empty({100000});
  init::uniform(t, -3, 1, random);
  int tenths[10] = {};
  for (const float x : t.values<float>()) {
    ASSERT_GE(x, -3);
    ASSERT_LT(x, 1);
    ++tenths[std::min(9, static_cast<int>((x + 3) * 2.5f))];
  }
  for (const int count : tenths) EXPECT_NEAR(count, 10000, 500);  // five standard deviations
}

TEST(Init, NormalHasTheShapeOfABell) {
  Random random(13);
  const Tensor t = Tensor::empty({100000});
  init::normal(t, 0, 1, random);
  int within_one = 0, beyond_three = 0;
  double cubes = 0, fourths = 0;
  for (const float x : t.values<float>()) {
    within_one += std::abs(x) < 1;
    beyond_three += std::abs(x) > 3;
    cubes += double{x} * x * x;
    fourths += double{x} * x * x * x;
  }
  EXPECT_NEAR(within_one, 68269, 800);
  EXPECT_NEAR(beyond_three, 270, 90);
  EXPECT_NEAR(cubes / 1e5, 0, 0.07);
  EXPECT_NEAR(fourths / 1e5, 3, 0.2);
}

// A uniformly random orthogonal matrix has no preferred direction: its elements have mean 0 and variance 1 / n, and a
// rotation is as likely as a reflection.
TEST(Init, OrthogonalMatricesHaveNoPreferredDirection) {
  Random random(14);
  constexpr int kTrials = 400, kSize = 4;
  double sums[kSize * kSize] = {}, squares[kSize * kSize] = {};
  int rotations = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const Tensor two = Tensor::empty({2, 2}, DType::kF64), t = Tensor::empty({kSize, kSize}, DType::kF64);
    init::orthogonal(two, random);
    const double* m = two.data<double>();
    rotations += m[0] * m[3] - m[1] * m[2] > 0;
    init::orthogonal(t, random);
    for (int i = 0; i < kSize * kSize; ++i) {
      sums[i] += t.data<double>()[i];
      squares[i] += t.data<double>()[i] * t.data<double>()[i];
    }
  }
  EXPECT_NEAR(rotations, kTrials / 2, 50);
  for (int i = 0; i < kSize * kSize; ++i) {
    EXPECT_NEAR(sums[i] / kTrials, 0, 0.13) << i;
    EXPECT_NEAR(squares[i] / kTrials, 1.0 / kSize, 0.07) << i;
  }
}

TEST(Init, TakesTensorsOfNoElements) {
  Random random(15);
  const auto before = random.state();
  init::uniform(Tensor::empty({0}), 0, 1, random);
  init::normal(Tensor::empty({0, 4}), 0, 1, random);
  init::identity(Tensor::empty({0, 0}));
  EXPECT_EQ(random.state(), before);
}

TEST(Init, TheSameGeneratorGivesTheSameTensors) {
  Random one(16), two(16);
  const Tensor a = Tensor::empty({6, 5}), b = Tensor::empty({6, 5});
  for (int i = 0; i < 3; ++i) {
    init::xavier_normal(a, one);
    init::xavier_normal(b, two);
    EXPECT_THAT(a.values<float>(), ElementsAreArray(b.values<float>()));
  }
}

}  // namespace
}  // namespace recur
