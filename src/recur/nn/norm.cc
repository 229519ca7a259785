#include "recur/nn/norm.h"

#include <algorithm>
#include <cmath>

#include "recur/ops/batch_norm.h"
#include "recur/ops/binary.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

// Throws unless both make sense.
void check(const char* layer, int64_t size, double epsilon) {
  if (size < 1) fail("{}: expected at least 1 feature, got {}", layer, size);
  if (!(epsilon > 0)) fail("{}: epsilon: expected more than 0, got {}", layer, epsilon);
}

// running += share (batch - running)
void move_towards(Tensor running, const Tensor& batch, double share) {
  dispatch_float("BatchNorm", running.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = running.data<T>();
    const T* from = batch.data<T>();
    for (int64_t i = 0; i < running.numel(); ++i) to[i] += static_cast<T>(share) * (from[i] - to[i]);
  });
}

bool all_are(const Tensor& x, double value) {
  return dispatch_float("BatchNorm", x.dtype(), [&](auto zero) {
    const auto values = x.values<decltype(zero)>();
    return std::ranges::all_of(values, [&](auto each) { return each == static_cast<decltype(zero)>(value); });
  });
}

// What takes a value from the scale of a batch to that of the running averages: x r + d, both [C].
struct Correction {
  Tensor r, d;
};

// Where the two are far apart, as after a leap of the parameters, the batch's own scale is nearer to the truth: the
// correction is bounded as by Ioffe, who ends with 3 and 5.
Correction correction(const BatchStatistics& batch, const Tensor& mean, const Tensor& variance, double epsilon) {
  constexpr double kMostScale = 3, kMostShift = 5;
  Correction out{.r = Tensor::empty(mean.shape(), mean.dtype()), .d = Tensor::empty(mean.shape(), mean.dtype())};
  dispatch_float("BatchNorm", mean.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t c = 0; c < mean.numel(); ++c) {
      const double own = std::sqrt(batch.variance.data<double>()[c] + epsilon);
      const double running = std::sqrt(static_cast<double>(variance.data<T>()[c]) + epsilon);
      const double apart = batch.mean.data<double>()[c] - static_cast<double>(mean.data<T>()[c]);
      out.r.data<T>()[c] = static_cast<T>(std::clamp(own / running, 1 / kMostScale, kMostScale));
      out.d.data<T>()[c] = static_cast<T>(std::clamp(apart / running, -kMostShift, kMostShift));
    }
  });
  return out;
}

}  // namespace

LayerNorm::LayerNorm(const LayerNormOptions& o) : epsilon_(o.epsilon) {
  check("LayerNorm", o.features, o.epsilon);
  weight = Tensor::ones({o.features});
  bias = Tensor::zeros({o.features});
  register_parameter("weight", weight);
  register_parameter("bias", bias);
}

Tensor LayerNorm::operator()(const Tensor& x) const { return layer_norm(x, weight, bias, epsilon_); }

BatchNorm::BatchNorm(const BatchNormOptions& o) : options_(o) {
  check("BatchNorm", o.channels, o.epsilon);
  if (!(o.momentum >= 0 && o.momentum <= 1)) fail("BatchNorm: momentum: expected 0 to 1, got {}", o.momentum);
  weight = Tensor::ones({o.channels});
  bias = Tensor::zeros({o.channels});
  running_mean = Tensor::zeros({o.channels});
  running_var = Tensor::ones({o.channels});
  register_parameter("weight", weight);
  register_parameter("bias", bias);
  register_buffer("running_mean", running_mean);
  register_buffer("running_var", running_var);
}

Tensor BatchNorm::operator()(const Tensor& x, Mode mode) const {
  if (!mode.is_training()) {
    const Tensor y = batch_norm_inference(x, {running_mean, running_var}, weight, bias, options_.epsilon);
    return options_.relu ? relu(y) : y;
  }
  if (options_.renormalize) return renormalized(x);
  const BatchNormResult result = batch_norm_training(x, weight, bias, options_.epsilon);
  move_towards(running_mean, result.mean, options_.momentum);
  move_towards(running_var, result.variance, options_.momentum);
  return options_.relu ? relu(result.y) : result.y;
}

Tensor BatchNorm::renormalized(const Tensor& x) const {
  const BatchStatistics batch = batch_statistics(x);
  const bool first = all_are(running_mean, 0) && all_are(running_var, 1);
  move_towards(running_mean, batch.mean.clone(x.dtype()), first ? 1 : options_.momentum);
  move_towards(running_var, unbiased_variance(batch, x), first ? 1 : options_.momentum);
  const auto [r, d] = correction(batch, running_mean, running_var, options_.epsilon);
  return batch_norm_by(x, batch, weight * r, weight * d + bias, options_.epsilon, options_.relu);
}

}  // namespace recur
