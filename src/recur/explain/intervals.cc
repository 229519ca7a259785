#include "recur/explain/intervals.h"

#include <cmath>
#include <numbers>

#include "recur/base/error.h"

namespace recur {
namespace {

// P(|t| < x) of Student's distribution, by its finite series: Abramowitz and Stegun, "Handbook of mathematical
// functions" (1964), 26.7.3 and 26.7.4.
double within(double x, int64_t degrees) {
  const double angle = std::atan(x / std::sqrt(static_cast<double>(degrees)));
  const double sine = std::sin(angle), cosine = std::cos(angle), square = cosine * cosine;
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1, sum = degrees == 1 ? 0 : term;
  for (int64_t k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    const auto order = static_cast<double>(k);
    term *= square * (order - 1) / order;
    sum += term;
  }
  if (!odd) return sine * sum;
  return 2 / std::numbers::pi * (angle + sine * sum);
}

double normal_within(double x) { return std::erf(x / std::numbers::sqrt2); }

}  // namespace

double t_factor(double level, int64_t degrees) {
  constexpr int64_t kLikeNormal = 2000;
  if (!(level > 0 && level < 1)) fail_usage("level: expected a probability between 0 and 1, got {}", level);
  if (degrees < 1) fail("t_factor: expected at least 1 degree of freedom, got {}", degrees);
  double low = 0, high = 1e6;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    const double inside = degrees > kLikeNormal ? normal_within(middle) : within(middle, degrees);
    (inside < level ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace recur
