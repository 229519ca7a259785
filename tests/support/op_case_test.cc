// Runs every registered case.
#include "tests/support/op_case.h"

#include <gtest/gtest.h>

namespace recur::testing {
namespace {

class Op : public ::testing::TestWithParam<OpCase> {};

TEST_P(Op, GradientMatchesFiniteDifferences) {
  if (!GetParam().differentiable) return;
  EXPECT_LT(gradient_error(GetParam().f, GetParam().inputs), 1e-6);
}

TEST_P(Op, SecondDerivativesMatchFiniteDifferences) {
  if (!GetParam().differentiable) return;
  EXPECT_LT(second_gradient_error(GetParam().f, GetParam().inputs), 1e-5);
}

TEST_P(Op, SinglePrecisionAgreesWithDouble) {
  Tensors singles;
  for (const Tensor& input : GetParam().inputs)
    singles.push_back(input.defined() && input.dtype() == DType::kF64 ? input.clone(DType::kF32) : input);
  const Tensors exact = GetParam().f(GetParam().inputs), got = GetParam().f(singles);
  ASSERT_EQ(exact.size(), got.size());
  for (size_t i = 0; i < exact.size(); ++i) {
    if (is_floating(exact[i].dtype())) {
      EXPECT_EQ(got[i].dtype(), DType::kF32);
    }
    EXPECT_LT(relative_error(got[i], exact[i]), GetParam().f32_tolerance) << "output " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Op, ::testing::ValuesIn(all_cases()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace recur::testing
