#include "recur/ops/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/kernels/channel_norm.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

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

// Of fewer values in a run, as of [N, C], channels would be read in strides.
constexpr int64_t kLeastRun = 16;

// The whole in differentiable ops.
Tensor composed(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  const Tensor values = by_channel(x);
  const auto count = static_cast<double>(values.size(0) * values.size(2));
  const Tensor d = values - sum_of_channels(values) / count;
  const Tensor normal = d / sqrt(sum_of_channels(square(d)) / count + eps);
  return reshape(scaled(normal, weight, bias), x.shape());
}

struct Layout {
  explicit Layout(const Tensor& values) : channels(values.size(1)), n(values.size(2)), images(values.size(0)) {}

  kernels::ChannelRuns runs() const { return {.runs = images, .n = n, .stride = channels * n}; }
  double count() const { return static_cast<double>(images * n); }

  int64_t channels, n, images;
};

// f(channel, its first value) of all channels, which threads share.
template <class F>
void for_each_channel(const Layout& layout, const F& f) {
  parallel_for(layout.channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) f(c, c * layout.n);
  });
}

// How a channel is scaled, and 1 / sqrt(variance + eps) alone.
template <class T>
struct Scaling {
  Scaling(const BatchStatistics& own, const Tensors& parameters, int64_t c, double eps, bool relu)
      : scale(1 / std::sqrt(own.variance.data<double>()[c] + eps)),
        factor(scale * static_cast<double>(parameters[0].data<T>()[c])),
        by{.mean = static_cast<T>(own.mean.data<double>()[c]),
           .scale = static_cast<T>(factor),
           .shift = parameters[1].data<T>()[c],
           .relu = relu} {}

  double scale, factor;
  kernels::ChannelScale<T> by;
};

Tensor fused_forward(const Tensor& x, const BatchStatistics& own, const Tensors& parameters, double eps, bool relu) {
  const Layout layout(by_channel(x));
  Tensor y = Tensor::empty(x.shape(), x.dtype());
  dispatch_float("batch_norm", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for_each_channel(layout, [&](int64_t c, int64_t at) {
      const Scaling<T> scaling(own, parameters, c, eps, relu);
      kernels::channel_norm_kernels<T>().scale(layout.runs(), scaling.by, x.data<T>() + at, y.data<T>() + at);
    });
  });
  return y;
}

// With u = (x - mean) s and s = 1 / sqrt(variance + eps), both of which x moves:
//   dx = weight s (g - mean of g - u mean of (g u)),  dweight = sum of g u,  dbias = sum of g.
Tensors fused_gradients(const Tensors& inputs, const autograd::VjpArgs& v, const BatchStatistics& own, double eps,
                        bool relu) {
  const Tensor &x = inputs[0], &weight = inputs[1], g = v.grad();
  const Layout layout(by_channel(x));
  Tensors out{v.needs(0) ? Tensor::empty(x.shape(), x.dtype()) : Tensor(), Tensor::empty(weight.shape(), x.dtype()),
              Tensor::empty(weight.shape(), x.dtype())};
  dispatch_float("batch_norm", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto& run = kernels::channel_norm_kernels<T>();
    for_each_channel(layout, [&](int64_t c, int64_t at) {
      const T *values = x.data<T>() + at, *grads = g.data<T>() + at;
      const Scaling<T> scaling(own, {weight, inputs[2]}, c, eps, relu);
      const kernels::ChannelGradSums sums = run.gradient_sums(layout.runs(), scaling.by, grads, values);
      out[1].data<T>()[c] = static_cast<T>(sums.product * scaling.scale);
      out[2].data<T>()[c] = static_cast<T>(sums.g);
      if (!v.needs(0)) return;
      const double of_g = scaling.factor, share = of_g / layout.count();
      const kernels::ChannelGradient<T> of{
          .of_g = static_cast<T>(of_g),
          .of_x = static_cast<T>(-share * scaling.scale * scaling.scale * sums.product),
          .shift = static_cast<T>(-share * sums.g)};
      run.gradient(layout.runs(), scaling.by, grads, values, of, out[0].data<T>() + at);
    });
  });
  return out;
}

}  // namespace

BatchStatistics batch_statistics(const Tensor& x) {
  if (tracing() != nullptr) fail("batch_norm: the statistics of a batch cannot be traced");
  if (x.dtype() == DType::kBF16) return batch_statistics(x.clone(DType::kF32));
  const Tensor values = by_channel(x).detach();
  const Layout layout(values);
  if (layout.count() < 2) fail("batch_norm: expected at least two values per channel, got x {}", x.shape().str());
  const Shape flat{layout.channels};
  if (layout.n < kLeastRun) {
    const Tensor mean = sum_of_channels(values) / layout.count();
    const Tensor variance = sum_of_channels(square(values - mean)) / layout.count();
    return {.mean = reshape(mean.clone(DType::kF64), flat), .variance = reshape(variance.clone(DType::kF64), flat)};
  }
  BatchStatistics out{.mean = Tensor::empty(flat, DType::kF64), .variance = Tensor::empty(flat, DType::kF64)};
  dispatch_float("batch_norm", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto& run = kernels::channel_norm_kernels<T>();
    for_each_channel(layout, [&](int64_t c, int64_t at) {
      const double mean = run.sum(layout.runs(), values.data<T>() + at) / layout.count();
      out.mean.data<double>()[c] = mean;
      out.variance.data<double>()[c] =
          run.squares(layout.runs(), values.data<T>() + at, static_cast<T>(mean)) / layout.count();
    });
  });
  return out;
}

Tensor batch_norm_by(const Tensor& x, const BatchStatistics& own, const Tensor& weight, const Tensor& bias, double eps,
                     bool relu) {
  if (x.dtype() == DType::kBF16) {
    const auto wide = [](const Tensor& t) { return t.defined() ? cast(t, DType::kF32) : t; };
    return cast(batch_norm_by(wide(x), own, wide(weight), wide(bias), eps, relu), DType::kBF16);
  }
  const int64_t channels = by_channel(x).size(1);
  const Tensor factor = weight.defined() ? weight : Tensor::ones({channels}, x.dtype());
  const Tensor shift = bias.defined() ? bias : Tensor::zeros({channels}, x.dtype());
  column("weight", factor, channels);
  column("bias", shift, channels);
  const auto twin = [eps, relu](const Tensors& in) {
    const Tensor y = composed(in[0], in[1], in[2], eps);
    return Tensors{relu ? recur::relu(y) : y};
  };
  const Tensors inputs{x, factor, shift};
  if (x.numel() / std::max<int64_t>(x.size(0) * channels, 1) < kLeastRun) return twin(inputs)[0];
  return record_with_twin(
      "batch_norm", inputs, {fused_forward(x, own, {factor, shift}, eps, relu)},
      [own, eps, relu](const Tensors& in, const autograd::VjpArgs& v) {
        return fused_gradients(in, v, own, eps, relu);
      },
      twin)[0];
}

BatchNormResult batch_norm_training(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  if (Trace* trace = tracing()) {
    const Tensors result = trace->op("batch_norm_training", {x, weight, bias}, {{"eps", eps}}, [&] {
      const BatchNormResult r = batch_norm_training(x, weight, bias, eps);
      return Tensors{r.y, r.mean, r.variance};
    });
    return {.y = result[0], .mean = result[1], .variance = result[2]};
  }
  const BatchStatistics own = batch_statistics(x);
  return {.y = batch_norm_by(x, own, weight, bias, eps),
          .mean = own.mean.clone(x.dtype()),
          .variance = unbiased_variance(own, x)};
}

Tensor unbiased_variance(const BatchStatistics& own, const Tensor& x) {
  const auto count = static_cast<double>(x.numel() / own.mean.numel());
  return (own.variance * (count / (count - 1))).clone(x.dtype());
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
