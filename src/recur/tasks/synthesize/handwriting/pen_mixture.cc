#include "recur/tasks/synthesize/handwriting/pen_mixture.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/losses.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

// A column [..., 1] of x [..., N].
Tensor column(const Tensor& x, int64_t at) { return slice(x, {-1, at}, 1); }

Tensor log_deviation(const Tensor& raw) {
  return softplus(raw - PenMixture::kLeastLogDeviation) + PenMixture::kLeastLogDeviation;
}

// 2 r of the correlation tanh(r).
Tensor twice_turned(const Tensor& raw) { return tanh(raw / PenMixture::kMostTurned) * (2 * PenMixture::kMostTurned); }

}  // namespace

PenMixture::PenMixture(const PenMixtureOptions& options, Random& random)
    : parts_(options.parts), describe_({.in = options.in, .out = 6 * options.parts + 1}, random) {
  register_module("density", describe_);
}

// With the correlation tanh(r), and a and b the distances from the mean in deviations:
//   (a² + b² - 2 tanh(r) a b) / (1 - tanh²(r)) = ((a + b)² (1 + e^-2r) + (a - b)² (1 + e^2r)) / 4
//   -ln(1 - tanh²(r)) / 2 = (softplus(2r) + softplus(-2r)) / 2 - ln 2
// so that nothing is lost where the correlation is near 1.
Tensor PenMixture::losses(const Tensor& described, const Tensor& moves) const {
  const Tensors parts =
      split(described, described.rank() - 1, {parts_, parts_, parts_, parts_, parts_, parts_, int64_t{1}});
  const Tensor wide_x = log_deviation(parts[3]), wide_y = log_deviation(parts[4]), twice = twice_turned(parts[5]);
  const Tensor a = (column(moves, 0) - parts[1]) * exp(-wide_x), b = (column(moves, 1) - parts[2]) * exp(-wide_y);
  const Tensor distance = (square(a + b) * (exp(-twice) + 1) + square(a - b) * (exp(twice) + 1)) * 0.25;
  const Tensor spread = (softplus(twice) + softplus(-twice)) * 0.5 - (wide_x + wide_y);
  const double constant = std::log(2 * std::numbers::pi) + std::numbers::ln2;
  const Tensor density = logsumexp(log_softmax(parts[0]) + spread - distance * 0.5, -1) - constant;
  const Tensor lift = binary_cross_entropy_with_logits(parts[6], column(moves, 2), Reduction::kNone);
  return reshape(lift, density.shape()) - density;
}

PenMove PenMixture::draw(std::span<const float> described, double bias, Random& random) const {
  const auto at = [&](int64_t kind, size_t part) {
    return double{described[static_cast<size_t>(kind * parts_) + part]};
  };
  const auto count = static_cast<size_t>(parts_);
  std::vector<double> likely(count);
  const double most = *std::max_element(described.begin(), described.begin() + parts_);
  double sum = 0;
  for (size_t k = 0; k < count; ++k) sum += likely[k] = std::exp((at(0, k) - most) * (1 + bias));
  double place = random.uniform64() * sum;
  size_t chosen = 0;
  while (chosen + 1 < count && place >= likely[chosen]) place -= likely[chosen++];
  const auto deviation = [&](int64_t kind) {
    const double over = at(kind, chosen) - kLeastLogDeviation;
    const double softplus = over > 30 ? over : std::log1p(std::exp(over));
    return std::exp(kLeastLogDeviation + softplus - bias);
  };
  const double correlation = std::tanh(kMostTurned * std::tanh(at(5, chosen) / kMostTurned));
  const double first = random.normal(), second = random.normal();
  const double y = correlation * first + std::sqrt(std::max(0.0, 1 - correlation * correlation)) * second;
  const double lift = 1 / (1 + std::exp(-double{described.back()}));
  return {.x = static_cast<float>(at(1, chosen) + deviation(3) * first),
          .y = static_cast<float>(at(2, chosen) + deviation(4) * y),
          .lifts = random.bernoulli(lift)};
}

}  // namespace recur
