#include "recur/tasks/forecast/draws.h"

#include <cmath>
#include <limits>

namespace recur {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Uniform on (0, 1): its logarithm is finite.
double open_uniform(Random& random) { return (random.uniform64() + 0x1p-54); }

double draw_small_poisson(double mean, Random& random) {
  const double limit = std::exp(-mean);
  double product = random.uniform64(), count = 0;
  for (; product > limit; product *= random.uniform64()) ++count;
  return count;
}

}  // namespace

double draw_gamma(double shape, Random& random) {
  if (!std::isfinite(shape)) return kNone;  // nothing would ever be accepted
  if (shape < 1) return draw_gamma(shape + 1, random) * std::pow(open_uniform(random), 1 / shape);
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = random.normal(), v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(open_uniform(random)) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

double draw_poisson(double mean, Random& random) {
  if (!std::isfinite(mean)) return kNone;
  constexpr double kSmall = 10;
  if (mean < kSmall) return draw_small_poisson(mean, random);
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const double u = random.uniform64() - 0.5, v = open_uniform(random), edge = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / edge + b) * u + mean + 0.43);
    if (edge >= 0.07 && v <= squeeze) return k;
    if (k < 0 || (edge < 0.013 && v > edge)) continue;
    const double proposal = std::log(v) + std::log(inverse_alpha) - std::log(a / (edge * edge) + b);
    if (proposal <= k * std::log(mean) - mean - std::lgamma(k + 1)) return k;
  }
}

}  // namespace recur
