// The output of a network for one step: a point, quantiles, or the parameters of a distribution.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "recur/base/random.h"
#include "recur/tensor/tensor.h"

namespace recur {

class Head {
 public:
  virtual ~Head() = default;

  // W, numbers that the network gives for a step; the first locations() of them move with the level of the series.
  virtual int64_t width() const = 0;
  virtual int64_t locations() const { return 1; }

  // raw [N, W], target [N] at the network's scale and scale [N] to the data's units -> the loss of each step [N].
  virtual Tensor loss(const Tensor& raw, const Tensor& target, const Tensor& scale) const = 0;

  // raw [N, W] -> the mean of each step, or with a level in (0, 1) its quantile, at the network's scale: [N],
  // differentiable. Throws UsageError where the head has no such quantile.
  virtual Tensor value(const Tensor& raw, std::optional<double> level) const = 0;

  // How many equally likely values spread() gives where a user asks for `samples`.
  virtual int64_t spread_size(int64_t samples) const { return samples; }
  // Equally likely values of a step, at the network's scale, in metrics/forecasting.h's sense. raw [W].
  virtual void spread(std::span<const float> raw, float scale, Random& random, std::span<float> out) const;
  // One value drawn.
  virtual float sample(std::span<const float> raw, float scale, Random& random) const = 0;
};

// "mae", "mse", "quantiles", "normal", "student", "negative_binomial" (ForecastModelOptions); `quantiles` of them.
std::unique_ptr<Head> make_head(const std::string& name, int64_t quantiles);

}  // namespace recur
