#include "recur/nn/norm.h"

#include "recur/ops/batch_norm.h"
#include "recur/ops/layer_norm.h"

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
  if (!mode.is_training()) return batch_norm_inference(x, {running_mean, running_var}, weight, bias, options_.epsilon);
  const BatchNormResult result = batch_norm_training(x, weight, bias, options_.epsilon);
  move_towards(running_mean, result.mean, options_.momentum);
  move_towards(running_var, result.variance, options_.momentum);
  return result.y;
}

}  // namespace recur
