#include "recur/ops/batch_norm.h"

#include "recur/autograd/trace.h"
#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

// x as [N, C, the rest]
Tensor by_channel(const Tensor& x) {
  if (x.rank() < 2) fail("batch_norm: x: expected [N, C, ...], got {}", x.shape().str());
  int64_t rest = 1;
  for (int axis = 2; axis < x.rank(); ++axis) rest *= x.size(axis);
  return reshape(x, Shape{x.size(0), x.size(1), rest});
}

// [C] against [N, C, the rest]
Tensor column(const char* name, const Tensor& x, int64_t channels) {
  if (x.shape() != Shape{channels}) fail("batch_norm: {}: expected [{}], got {}", name, channels, x.shape().str());
  return reshape(x, Shape{channels, 1});
}

// sum over N and the rest -> [C, 1]
Tensor sum_of_channels(const Tensor& x) { return sum(sum(x, 2, true), 0); }

Tensor scaled(Tensor normal, const Tensor& weight, const Tensor& bias) {
  const int64_t channels = normal.size(1);
  if (weight.defined()) normal = normal * column("weight", weight, channels);
  if (bias.defined()) normal = normal + column("bias", bias, channels);
  return normal;
}

}  // namespace

BatchNormResult batch_norm_training(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  if (Trace* trace = tracing()) {
    const Tensors result = trace->op("batch_norm_training", {x, weight, bias}, {{"eps", eps}}, [&] {
      const BatchNormResult r = batch_norm_training(x, weight, bias, eps);
      return Tensors{r.y, r.mean, r.variance};
    });
    return {.y = result[0], .mean = result[1], .variance = result[2]};
  }
  const Tensor values = by_channel(x);
  const int64_t channels = values.size(1), count = values.size(0) * values.size(2);
  if (count < 2) fail("batch_norm: expected at least two values per channel, got x {}", x.shape().str());
  const Tensor mean = sum_of_channels(values) / static_cast<double>(count), d = values - mean;
  const Tensor squares = sum_of_channels(square(d));
  const Tensor normal = d / sqrt(squares / static_cast<double>(count) + eps);
  const Shape flat{channels};
  return {.y = reshape(scaled(normal, weight, bias), x.shape()),
          .mean = reshape(mean.detach(), flat),
          .variance = reshape(squares.detach() / static_cast<double>(count - 1), flat)};
}

Tensor batch_norm_inference(const Tensor& x, const BatchNormStatistics& statistics, const Tensor& weight,
                            const Tensor& bias, double eps) {
  if (Trace* trace = tracing())
    return trace->op("batch_norm_inference", {x, statistics.mean, statistics.variance, weight, bias}, {{"eps", eps}},
                     [&] { return batch_norm_inference(x, statistics, weight, bias, eps); });
  const Tensor values = by_channel(x);
  const int64_t channels = values.size(1);
  const Tensor mean = column("mean", statistics.mean, channels);
  const Tensor deviation = sqrt(column("variance", statistics.variance, channels) + eps);
  return reshape(scaled((values - mean) / deviation, weight, bias), x.shape());
}

}  // namespace recur
