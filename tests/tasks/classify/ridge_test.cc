#include "recur/tasks/classify/ridge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using Row = std::vector<double>;

struct Examples {
  std::vector<float> features;  // [N, F]
  std::vector<int32_t> classes;
};

// The class moves the first features, the others are noise.
Examples drawn(int64_t count, int64_t features, int32_t classes, uint64_t seed) {
  Random random(seed);
  Examples out;
  for (int64_t i = 0; i < count; ++i) {
    out.classes.push_back(static_cast<int32_t>(i % classes));
    for (int64_t f = 0; f < features; ++f) out.features.push_back(random.normal() + (f == i % classes ? 1.5f : 0.0f));
  }
  return out;
}

// Solves A x = b by elimination with pivots.
Row solved(std::vector<Row> a, Row b) {
  const size_t n = b.size();
  for (size_t k = 0; k < n; ++k) {
    size_t most = k;
    for (size_t i = k + 1; i < n; ++i) {
      if (std::abs(a[i][k]) > std::abs(a[most][k])) most = i;
    }
    std::swap(a[k], a[most]);
    std::swap(b[k], b[most]);
    for (size_t i = k + 1; i < n; ++i) {
      const double factor = a[i][k] / a[k][k];
      for (size_t j = k; j < n; ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (size_t k = n; k-- > 0;) {
    for (size_t j = k + 1; j < n; ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

// The value for example `of` of a ridge regression with an intercept, which no penalty falls on, on the rows z without
// that of `left_out` (-1: none).
double value(const std::vector<Row>& z, const Row& y, const Row& weights, double penalty, int64_t left_out, size_t of) {
  const size_t n = z[0].size() + 1;
  std::vector<Row> a(n, Row(n, 0));
  Row b(n, 0);
  for (size_t i = 0; i < z.size(); ++i) {
    if (static_cast<int64_t>(i) == left_out) continue;
    Row row = z[i];
    row.push_back(1);
    for (size_t p = 0; p < n; ++p) {
      for (size_t q = 0; q < n; ++q) a[p][q] += weights[i] * row[p] * row[q];
      b[p] += weights[i] * row[p] * y[i];
    }
  }
  for (size_t p = 0; p + 1 < n; ++p) a[p][p] += penalty;
  const Row w = solved(a, b);
  double out = w.back();
  for (size_t p = 0; p + 1 < n; ++p) out += w[p] * z[of][p];
  return out;
}

// With weights of the examples or without.
void expect_left_out_as_learnt_without(const std::vector<float>& weights) {
  constexpr int64_t kCount = 14, kFeatures = 5;
  const Examples examples = drawn(kCount, kFeatures, 2, 3);
  const RidgeFit fit = fit_ridge(examples.features, examples.classes, 2, weights);
  Row weight(kCount, 1), y;
  if (!weights.empty()) weight.assign(weights.begin(), weights.end());
  double total = 0;
  for (const double each : weight) total += each;
  std::vector<Row> z(kCount, Row(kFeatures));
  for (size_t f = 0; f < kFeatures; ++f) {
    double mean = 0, square = 0;
    for (size_t i = 0; i < kCount; ++i) mean += weight[i] * double{examples.features[i * kFeatures + f]} / total;
    for (size_t i = 0; i < kCount; ++i) z[i][f] = double{examples.features[i * kFeatures + f]} - mean;
    for (size_t i = 0; i < kCount; ++i) square += weight[i] * z[i][f] * z[i][f] / total;
    for (size_t i = 0; i < kCount; ++i) z[i][f] /= std::sqrt(square);
  }
  for (const int32_t c : examples.classes) y.push_back(c == 1 ? 1 : -1);
  // The scores are the values times one power of two.
  const double scale =
      std::exp2(std::round(std::log2(std::abs(double{fit.left_out[1]} / value(z, y, weight, fit.penalty, 0, 0)))));
  for (size_t i = 0; i < kCount; ++i) {
    const double expected = scale * value(z, y, weight, fit.penalty, static_cast<int64_t>(i), i);
    EXPECT_NEAR(fit.left_out[i * 2 + 1], expected, 1e-4) << i;
    double score = double{fit.bias[1]};
    for (size_t f = 0; f < kFeatures; ++f) {
      score += double{fit.weight[kFeatures + f]} * double{examples.features[i * kFeatures + f]};
    }
    EXPECT_NEAR(score, scale * value(z, y, weight, fit.penalty, -1, i), 1e-4) << i;
  }
}

TEST(Ridge, LeftOutScoresAreThoseOfLearningWithoutTheExample) { expect_left_out_as_learnt_without({}); }

TEST(Ridge, WeightsCountAsSoManyExamples) {
  expect_left_out_as_learnt_without({1, 2, 0.5f, 1, 1, 3, 1, 1, 0.25f, 1, 2, 1, 1, 1});
}

TEST(Ridge, LearnsFromFewerExamplesThanFeatures) {
  const Examples train = drawn(60, 200, 3, 5), test = drawn(300, 200, 3, 6);
  const RidgeFit fit = fit_ridge(train.features, train.classes, 3);
  int right = 0;
  for (size_t i = 0; i < test.classes.size(); ++i) {
    std::vector<double> scores;
    for (size_t c = 0; c < 3; ++c) {
      scores.push_back(double{fit.bias[c]});
      for (size_t f = 0; f < 200; ++f)
        scores.back() += double{fit.weight[c * 200 + f]} * double{test.features[i * 200 + f]};
    }
    right += std::ranges::max_element(scores) - scores.begin() == test.classes[i];
  }
  EXPECT_GT(right, 150);  // chance: 100
}

TEST(Ridge, ConstantFeaturesCountNothing) {
  std::vector<float> features;
  std::vector<int32_t> classes;
  for (int i = 0; i < 8; ++i) {
    features.insert(features.end(), {static_cast<float>(i % 2), 7});
    classes.push_back(i % 2);
  }
  const RidgeFit fit = fit_ridge(features, classes, 2);
  EXPECT_EQ(fit.weight[1], 0);
  EXPECT_EQ(fit.weight[3], 0);
  EXPECT_GT(fit.weight[2], 0);
  EXPECT_LT(fit.weight[0], 0);
}

TEST(Ridge, IsNotSureAfterFewExamplesThatAreAllRight) {
  std::vector<float> features;
  std::vector<int32_t> classes;
  for (int i = 0; i < 10; ++i) {
    features.push_back(static_cast<float>(i % 2));
    classes.push_back(i % 2);
  }
  const RidgeFit fit = fit_ridge(features, classes, 2);
  const double logit = double{fit.left_out[1]} - double{fit.left_out[0]};
  EXPECT_LT(logit, -1);  // example 0 is of class 0
  EXPECT_GT(logit, -6);
}

TEST(Ridge, NeedsTwoExamples) {
  EXPECT_ERROR(fit_ridge(std::vector<float>{1}, std::vector<int32_t>{0}, 2), "two examples or more");
}

}  // namespace
}  // namespace recur
