#include "recur/tasks/forecast/blend.h"

#include <array>
#include <cmath>
#include <utility>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/unary.h"
#include "recur/tasks/metrics/forecasting.h"

namespace recur {
namespace {

// How far the median of a step moves: a summand, or a factor.
float move_of(float median, float theta, const Blend& how) {
  const auto weight = static_cast<float>(how.weight);
  if (!how.log) return weight * (theta - median);
  return median > 0 && theta > 0 ? std::pow(theta / median, weight) : 1;
}

}  // namespace

void blend(std::span<float> paths, std::span<const float> theta, const Blend& how) {
  constexpr double kMiddle = 0.5;
  const size_t horizon = theta.size();
  const std::vector<float> median = step_quantile(paths, static_cast<int64_t>(horizon), kMiddle);
  for (size_t at = 0; at < paths.size(); ++at) {
    const float move = move_of(median[at % horizon], theta[at % horizon], how);
    paths[at] = how.log ? paths[at] * move : paths[at] + move;
  }
}

WindowFunction blended(WindowFunction of, std::vector<float> theta, const Blend& how) {
  if (how.weight == 0) return of;
  const auto horizon = static_cast<int64_t>(theta.size());
  const auto network = of.values;
  of.values = [network, how, to = Tensor::from(theta, {1, horizon})](const Tensor& x, std::optional<double> level) {
    constexpr double kMiddle = 0.5;
    const Tensor values = network(x, level), median = level ? network(x, kMiddle) : values;
    const Tensor aim = cast(to, values.dtype());
    return how.log ? values * exp((log(aim) - log(median)) * how.weight) : values + (aim - median) * how.weight;
  };
  return of;
}

std::span<const double> blend_weights() {
  static constexpr std::array<double, 4> kWeights{0, 0.25, 0.5, 0.75};
  return kWeights;
}

}  // namespace recur
