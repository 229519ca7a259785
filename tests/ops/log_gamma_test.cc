#include "recur/ops/log_gamma.h"

#include <gtest/gtest.h>

#include <cmath>

namespace recur {
namespace {

TEST(LogGamma, AgreesWithTheStandardLibrary) {
  for (const double x : {1e-3, 0.1, 0.5, 1.0, 1.5, 2.0, 7.3, 40.0, 1e4}) {
    const double expected = std::lgamma(x);
    EXPECT_NEAR(log_gamma(Tensor::full({1}, x, DType::kF64)).item(), expected, 1e-9 * (1 + std::abs(expected))) << x;
  }
}

TEST(LogGamma, HasTheGradientOfItsValues) {
  const double h = 1e-5;
  for (const double x : {0.3, 1.7, 25.0}) {
    Tensor at = Tensor::full({1}, x, DType::kF64);
    at.set_requires_grad();
    log_gamma(at).backward();
    EXPECT_NEAR(at.grad().item(), (std::lgamma(x + h) - std::lgamma(x - h)) / (2 * h), 1e-5) << x;
  }
}

}  // namespace
}  // namespace recur
