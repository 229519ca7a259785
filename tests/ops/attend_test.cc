#include "recur/ops/attend.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::normal;

TEST(Attend, ByHand) {
  const Tensor query = Tensor::from({1, 2}, {1, 1, 2}), keys = Tensor::from({1, 0, 0, 1, 9, 9}, {1, 3, 2});
  const Tensor values = Tensor::from({10, 20, 999}, {1, 3, 1}), lengths = Tensor::from(std::vector<int32_t>{2}, {1});
  const Tensors out = attend(query, {keys, values, lengths});
  const double second = std::exp(2) / (std::exp(1) + std::exp(2));
  EXPECT_NEAR(out[1].values<float>()[1], second, 1e-6);
  EXPECT_EQ(out[1].values<float>()[2], 0);
  EXPECT_NEAR(out[0].values<float>()[0], 10 + 10 * second, 1e-5);
  const Tensors additive = attend(query, {keys, values, lengths}, Tensor::from({3, -1}, {2}));
  const auto score = [](double a, double b) { return 3 * std::tanh(a) - std::tanh(b); };
  const double odds = std::exp(score(1, 3) - score(2, 2));
  EXPECT_NEAR(additive[1].values<float>()[1], odds / (1 + odds), 1e-6);
}

TEST(Attend, ArgumentsAreChecked) {
  const Tensor query = normal({2, 3, 4}), keys = normal({3, 5, 4}), values = normal({3, 5, 6});
  EXPECT_ERROR(attend(query, {normal({2, 5, 4}), values, {}}), "do not fit");
  EXPECT_ERROR(attend(query, {keys, normal({3, 4, 6}), {}}), "do not fit");
  EXPECT_ERROR(attend(query, {keys, values, {}}, normal({3})), "score: expected [4]");
  EXPECT_ERROR(attend(query, {keys, values, Tensor::from(std::vector<int32_t>{1, 2}, {2})}),
               "lengths: expected i32 [3]");
  EXPECT_ERROR(attend(query, {keys, values, Tensor::from(std::vector<int32_t>{1, 2, 6}, {3})}),
               "expected 0 .. 5, got 6");
}

}  // namespace
}  // namespace recur
