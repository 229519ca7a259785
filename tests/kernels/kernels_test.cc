#include "recur/kernels/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace recur::kernels {
namespace {

constexpr float kInfinity = INFINITY;
const std::vector<float> kSpecial{0.0f,       -0.0f, 1,    -1, 1e-30f, 1e-40f, 3e38f, -3e38f, 90,    -110,  kInfinity,
                                  -kInfinity, NAN,   0.5f, 2,  700,    -700,   100,   -5,     1e-6f, -1e-6f};

// Equal, both NaN, or close relative to the larger.
void expect_same(float got, float expected, double tolerance, const std::string& where) {
  if (std::isnan(expected) || std::isinf(expected)) {
    EXPECT_TRUE(got == expected || (std::isnan(got) && std::isnan(expected)))
        << where << ": " << got << ", " << expected;
    return;
  }
  // Results below the normal range may be flushed to 0.
  EXPECT_NEAR(got, expected, tolerance * std::abs(expected) + std::numeric_limits<float>::min()) << where;
}

TEST(Kernels, UnaryFunctionsAgreeOnSpecialValues) {
  std::vector<float> got(kSpecial.size()), expected(kSpecial.size());
  for (const Unary op : {Unary::kNeg, Unary::kExp, Unary::kLog, Unary::kSqrt, Unary::kAbs, Unary::kReciprocal,
                         Unary::kSquare, Unary::kSin, Unary::kCos, Unary::kSigmoid, Unary::kTanh, Unary::kSoftplus,
                         Unary::kErf, Unary::kRelu, Unary::kSign}) {
    const int64_t n = static_cast<int64_t>(kSpecial.size());
    table<float>().unary(op, kSpecial.data(), got.data(), n);
    reference_table<float>().unary(op, kSpecial.data(), expected.data(), n);
    for (size_t i = 0; i < kSpecial.size(); ++i)
      expect_same(got[i], expected[i], 3e-7,
                  "op " + std::to_string(static_cast<int>(op)) + " of " + std::to_string(kSpecial[i]));
  }
}

TEST(Kernels, BinaryFunctionsAgreeOnSpecialValues) {
  const int64_t n = static_cast<int64_t>(kSpecial.size());
  std::vector<float> got(kSpecial.size()), expected(kSpecial.size());
  for (const Binary op :
       {Binary::kAdd, Binary::kSub, Binary::kMul, Binary::kDiv, Binary::kMax, Binary::kMin, Binary::kPow,
        Binary::kEqual, Binary::kLess, Binary::kSigmoidGrad, Binary::kTanhGrad, Binary::kReluGrad})
    for (const float& b : kSpecial) {
      table<float>().binary(op, Stretch::kRight, kSpecial.data(), &b, got.data(), n);
      reference_table<float>().binary(op, Stretch::kRight, kSpecial.data(), &b, expected.data(), n);
      for (size_t i = 0; i < kSpecial.size(); ++i)
        expect_same(got[i], expected[i], 1e-6,
                    "op " + std::to_string(static_cast<int>(op)) + " of " + std::to_string(kSpecial[i]) + " and " +
                        std::to_string(b));
    }
}

// Of numbers far below 0 it is their exponential, whose argument f32 rounds.
TEST(Kernels, GeluAgreesOnSpecialValues) {
  const int64_t n = static_cast<int64_t>(kSpecial.size());
  std::vector<float> got(kSpecial.size()), expected(kSpecial.size());
  const auto compare = [&](const char* what) {
    for (size_t i = 0; i < kSpecial.size(); ++i)
      expect_same(got[i], expected[i], 1e-5, std::string(what) + " of " + std::to_string(kSpecial[i]));
  };
  table<float>().unary(Unary::kGeluTanh, kSpecial.data(), got.data(), n);
  reference_table<float>().unary(Unary::kGeluTanh, kSpecial.data(), expected.data(), n);
  compare("gelu_tanh");
  const float one = 1;
  table<float>().binary(Binary::kGeluTanhGrad, Stretch::kLeft, &one, kSpecial.data(), got.data(), n);
  reference_table<float>().binary(Binary::kGeluTanhGrad, Stretch::kLeft, &one, kSpecial.data(), expected.data(), n);
  compare("its derivative");
}

// Every length around a vector's, so that no tail is left out and nothing behind the end is written.
TEST(Kernels, TouchExactlyTheElementsTheyAreGiven) {
  for (int64_t n = 0; n < 70; ++n) {
    std::vector<float> x(n, 2.0f), y(n + 1, 5.0f);
    table<float>().unary(Unary::kSquare, x.data(), y.data(), n);
    EXPECT_EQ(y[n], 5) << n;
    for (int64_t i = 0; i < n; ++i) EXPECT_EQ(y[i], 4) << n;
    table<float>().binary(Binary::kAdd, Stretch::kNone, x.data(), x.data(), y.data(), n);
    EXPECT_EQ(y[n], 5) << n;
    if (n == 0) continue;
    float sum = 0;
    table<float>().reduce(Reduce::kSum, x.data(), &sum, 1, n, 1);
    EXPECT_EQ(sum, 2 * n);
    table<float>().softmax(x.data(), y.data(), 1, n, false);
    EXPECT_NEAR(y[n - 1], 1.0 / static_cast<double>(n), 1e-6);
    EXPECT_EQ(y[n], 5) << n;
  }
}

TEST(Kernels, SayWhatTheyRunOn) { EXPECT_FALSE(description().empty()); }

}  // namespace
}  // namespace recur::kernels
