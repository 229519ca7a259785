#include "recur/kernels/ref/scalar_math.h"

#include <gtest/gtest.h>

#include <limits>

namespace recur {
namespace {

template <class T>
class ScalarMath : public ::testing::Test {
 protected:
  static constexpr T kInfinity = std::numeric_limits<T>::infinity(), kNan = std::numeric_limits<T>::quiet_NaN();
  static constexpr T kStep = std::numeric_limits<T>::epsilon();
};

using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ScalarMath, Types);

TYPED_TEST(ScalarMath, SigmoidIsRightAtBothEndsWithoutOverflow) {
  using V = Scalar<TypeParam>;
  for (const TypeParam x : {-80.0, -20.0, -1.0, 0.0, 0.5, 3.0, 30.0}) {
    const long double want = 1 / (1 + std::exp(-static_cast<long double>(x)));
    EXPECT_NEAR(sigmoid(V(x)).v, want, 4 * this->kStep * want) << x;
  }
  EXPECT_EQ(sigmoid(V(this->kInfinity)).v, 1);
  EXPECT_EQ(sigmoid(V(-this->kInfinity)).v, 0);
  EXPECT_EQ(sigmoid(V(-std::numeric_limits<TypeParam>::max())).v, 0);
  EXPECT_EQ(sigmoid(V(0)).v, TypeParam(0.5));
  EXPECT_TRUE(std::isnan(sigmoid(V(this->kNan)).v));
}

TYPED_TEST(ScalarMath, SigmoidsOfOppositesAddUpToOne) {
  using V = Scalar<TypeParam>;
  for (TypeParam x = 0; x < 12; x += TypeParam(0.37))
    EXPECT_NEAR((sigmoid(V(x)) + sigmoid(V(-x))).v, 1, 2 * this->kStep) << x;
}

TYPED_TEST(ScalarMath, ReluAndItsStepMeetAtZero) {
  using V = Scalar<TypeParam>;
  const TypeParam tiny = std::numeric_limits<TypeParam>::denorm_min();
  EXPECT_EQ(relu(V(-tiny)).v, 0);
  EXPECT_EQ(step(V(-tiny)).v, 0);
  EXPECT_EQ(relu(V(0)).v, 0);
  EXPECT_EQ(step(V(0)).v, 0);
  EXPECT_EQ(relu(V(tiny)).v, tiny);
  EXPECT_EQ(step(V(tiny)).v, 1);
  EXPECT_EQ(relu(V(-this->kInfinity)).v, 0);
  EXPECT_TRUE(std::isnan(relu(V(this->kNan)).v));  // a failed training must show
}

TYPED_TEST(ScalarMath, IsArithmeticOfPlainNumbers) {
  using V = Scalar<TypeParam>;
  const V a(3), b(-2), c(TypeParam(0.5));
  EXPECT_EQ((a + b).v, 1);
  EXPECT_EQ((a - b).v, 5);
  EXPECT_EQ((a * b).v, -6);
  EXPECT_EQ((a / b).v, TypeParam(-1.5));
  EXPECT_EQ((-a).v, -3);
  EXPECT_EQ(fma(a, b, c).v, TypeParam(-5.5));
  EXPECT_EQ((1.0f - c).v, TypeParam(0.5));  // cells mix in plain floats
  EXPECT_EQ(tanh(V(this->kInfinity)).v, 1);
}

TYPED_TEST(ScalarMath, LoadsAndStoresOneNumberWhateverIsLeft) {
  using V = Scalar<TypeParam>;
  TypeParam values[3] = {1, 2, 3};
  EXPECT_EQ(V::kCount, 1);
  EXPECT_EQ(V().v, 0);
  V::load(values + 1, 2).store(values, 3);
  EXPECT_EQ(values[0], 2);
  EXPECT_EQ(values[1], 2);
}

}  // namespace
}  // namespace recur
