#include "recur/explain/gauss_legendre.h"

#include <cmath>
#include <numbers>

#include "recur/base/error.h"

namespace recur {
namespace {

struct Legendre {
  double value, slope;
};

// P_n and its derivative at x in (-1, 1), by (k + 1) P_k+1 = (2 k + 1) x P_k - k P_k-1.
Legendre legendre(int64_t n, double x) {
  double before = 1, now = x;
  for (int64_t k = 1; k < n; ++k) {
    const auto order = static_cast<double>(k);
    const double next = ((2 * order + 1) * x * now - order * before) / (order + 1);
    before = now;
    now = next;
  }
  return {now, static_cast<double>(n) * (x * now - before) / (x * x - 1)};
}

}  // namespace

Quadrature gauss_legendre(int64_t points) {
  if (points < 1) fail("gauss_legendre: expected at least 1 point, got {}", points);
  Quadrature out;
  for (int64_t i = points - 1; i >= 0; --i) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (static_cast<double>(points) + 0.5));
    for (int round = 0; round < 100; ++round) {
      const Legendre at = legendre(points, x);
      const double change = at.value / at.slope;
      x -= change;
      if (std::abs(change) < 1e-16) break;
    }
    const double slope = legendre(points, x).slope;
    out.nodes.push_back((x + 1) / 2);
    out.weights.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return out;
}

}  // namespace recur
