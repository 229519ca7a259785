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
  std::vector<float> moves;
  for (size_t h = 0; h < horizon; ++h) moves.push_back(move_of(median[h], theta[h], how));
  for (size_t at = 0; at < paths.size(); ++at) {
    paths[at] = how.log ? paths[at] * moves[at % horizon] : paths[at] + moves[at % horizon];
  }
}

std::vector<double> middle_levels(const ForecastModelOptions& model) {
  if (model.head != "quantiles" || model.quantiles == 1) return {};
  const double half = static_cast<double>(model.quantiles) / 2, all = static_cast<double>(model.quantiles) + 1;
  if (model.quantiles % 2 == 1) return {0.5};
  return {half / all, (half + 1) / all};
}

WindowFunction blended(WindowFunction of, std::vector<float> theta, const Blend& how, std::vector<double> middle) {
  std::vector<float> weights;
  for (float& y : theta) {
    const bool counts = !how.log || y > 0;
    weights.push_back(counts ? static_cast<float>(how.weight) : 0);
    if (!counts) y = 1;
  }
  const Shape row{1, std::ssize(theta)};
  const auto median = [network = of.values, middle](const Tensor& x) {
    if (middle.empty()) return network(x, {});
    const Tensor low = network(x, middle.front());
    return middle.size() == 1 ? low : (low + network(x, middle.back())) * 0.5;
  };
  of.values = [network = of.values, median, log_scale = how.log, theta = Tensor::from(theta, row),
               weights = Tensor::from(weights, row)](const Tensor& x, std::optional<double> level) {
    const Tensor values = network(x, level), from = median(x);
    const Tensor to = cast(theta, values.dtype()), weight = cast(weights, values.dtype());
    return log_scale ? values * exp((log(to) - log(from)) * weight) : values + (to - from) * weight;
  };
  return of;
}

std::span<const double> blend_weights() {
  static constexpr std::array<double, 3> kWeights{0, 0.25, 0.5};
  return kWeights;
}

}  // namespace recur
