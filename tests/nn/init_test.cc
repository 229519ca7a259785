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

}  // namespace
}  // namespace recur
