#include "recur/explain/gauss_legendre.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/explain/intervals.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

double integral(const Quadrature& rule, int power) {
  double sum = 0;
  for (size_t i = 0; i < rule.nodes.size(); ++i) sum += rule.weights[i] * std::pow(rule.nodes[i], power);
  return sum;
}

TEST(GaussLegendre, HasTheNodesOfTheTables) {
  EXPECT_NEAR(gauss_legendre(1).nodes[0], 0.5, 1e-15);
  const Quadrature three = gauss_legendre(3);
  EXPECT_NEAR(three.nodes[0], 0.5 - std::sqrt(0.6) / 2, 1e-15);
  EXPECT_NEAR(three.nodes[1], 0.5, 1e-15);
  EXPECT_NEAR(three.weights[1], 4.0 / 9, 1e-15);
}

TEST(GaussLegendre, IsExactForPolynomials) {
  for (const int64_t points : {1, 2, 5, 50, 200}) {
    const Quadrature rule = gauss_legendre(points);
    EXPECT_NEAR(std::accumulate(rule.weights.begin(), rule.weights.end(), 0.0), 1, 1e-13);
    EXPECT_TRUE(std::is_sorted(rule.nodes.begin(), rule.nodes.end()));
    const int power = static_cast<int>(std::min<int64_t>(2 * points - 1, 60));
    EXPECT_NEAR(integral(rule, power), 1.0 / (power + 1), 1e-13) << points;
  }
  EXPECT_THROW(gauss_legendre(0), Error);
}

TEST(Intervals, HaveTheFactorsOfTheTables) {
  EXPECT_NEAR(t_factor(0.95, 1), 12.7062047, 1e-6);
  EXPECT_NEAR(t_factor(0.95, 2), 4.3026527, 1e-6);
  EXPECT_NEAR(t_factor(0.95, 3), 3.1824463, 1e-6);
  EXPECT_NEAR(t_factor(0.95, 10), 2.2281389, 1e-6);
  EXPECT_NEAR(t_factor(0.99, 29), 2.7563859, 1e-6);
  EXPECT_NEAR(t_factor(0.95, 1000000), 1.9599640, 1e-6);
  EXPECT_THROW(t_factor(1, 3), UsageError);
}

}  // namespace
}  // namespace recur
