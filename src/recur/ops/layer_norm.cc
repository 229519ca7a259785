#include "recur/ops/layer_norm.h"

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/kernels/kernels.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/sum.h"
#include "recur/tensor/data_or_null.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;

constexpr int64_t kRowsAtATime = 64;

struct Normalized {
  Tensor y, means, scales;  // means and 1 / sqrt(variance + eps): [rows]
};

Normalized forward(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  const int64_t n = x.size(-1), rows = n == 0 ? 0 : x.numel() / n;
  Normalized out{Tensor::empty(x.shape(), x.dtype()), Tensor::empty({rows}, x.dtype()),
                 Tensor::empty({rows}, x.dtype())};
  dispatch_float("layer_norm", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const kernels::LayerNorm<T> all{.rows = rows,
                                    .n = n,
                                    .x = x.data<T>(),
                                    .weight = data_or_null<T>(weight),
                                    .bias = data_or_null<T>(bias),
                                    .eps = static_cast<T>(eps)};
    T* y = out.y.data<T>();
    T* means = out.means.data<T>();
    T* scales = out.scales.data<T>();
    parallel_for(rows, kRowsAtATime, [&](int64_t begin, int64_t end) {
      kernels::LayerNorm<T> part = all;
      part.rows = end - begin;
      part.x += begin * n;
      kernels::table<T>().layer_norm(part, y + begin * n, means + begin, scales + begin);
    });
  });
  return out;
}

// By the fused kernel. Each chunk of rows adds up its share of the parameters' gradients; the shares are then added in
// order.
Tensors fused_gradients(const VjpArgs& v, const Tensor& x, const Tensor& weight, const Normalized& saved) {
  const int64_t n = x.size(-1), rows = saved.means.numel(), chunks = (rows + kRowsAtATime - 1) / kRowsAtATime;
  const Tensor g = v.grad();
  Tensor dx = Tensor::empty(x.shape(), x.dtype());
  Tensor shares = Tensor::zeros({2, chunks, n}, x.dtype());
  dispatch_float("layer_norm", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const kernels::LayerNormGrad<T> all{.rows = rows,
                                        .n = n,
                                        .x = x.data<T>(),
                                        .weight = data_or_null<T>(weight),
                                        .means = saved.means.data<T>(),
                                        .scales = saved.scales.data<T>(),
                                        .g = g.data<T>()};
    T* to = dx.data<T>();
    T* share = shares.data<T>();
    parallel_for(rows, kRowsAtATime, [&](int64_t begin, int64_t end) {
      kernels::LayerNormGrad<T> part = all;
      part.rows = end - begin;
      part.x += begin * n;
      part.means += begin;
      part.scales += begin;
      part.g += begin * n;
      T* dweight = share + begin / kRowsAtATime * n;
      kernels::table<T>().layer_norm_grad(part, to + begin * n, dweight, dweight + chunks * n);
    });
  });
  const Tensor parameters = sum(shares, 1);
  return {dx, parameters.alias(0, {n}), parameters.alias(n, {n})};
}

// The same in differentiable ops, for gradients of the gradient.
Tensors composed_gradients(const VjpArgs& v, const Tensor& x, const Tensor& weight, double eps) {
  const Tensor g = v.grad(), d = x - mean(x, -1, true);
  const Tensor scale = reciprocal(sqrt(mean(square(d), -1, true) + eps)), u = d * scale;
  const Tensor h = weight.defined() ? g * weight : g;
  const Tensor dx = scale * (h - mean(h, -1, true) - u * mean(h * u, -1, true));
  const Shape row{x.size(-1)};
  return {dx, sum_to(g * u, row), sum_to(g, row)};
}

void check_parameter(const char* name, const Tensor& parameter, const Tensor& x) {
  if (!parameter.defined()) return;
  if (parameter.shape() != Shape{x.size(-1)} || parameter.dtype() != x.dtype())
    fail("layer_norm: {}: expected {} [{}], got {} {}", name, name_of(x.dtype()), x.size(-1),
         name_of(parameter.dtype()), parameter.shape().str());
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  if (Trace* trace = tracing())
    return trace->op("layer_norm", {x, weight, bias}, {{"eps", eps}}, [&] { return layer_norm(x, weight, bias, eps); });
  check_parameter("weight", weight, x);
  check_parameter("bias", bias, x);
  if (!(eps > 0)) fail("layer_norm: eps: expected > 0, got {}", eps);
  if (x.dtype() == DType::kBF16) {
    const auto wide = [](const Tensor& t) { return t.defined() ? cast(t, DType::kF32) : t; };
    return cast(layer_norm(wide(x), wide(weight), wide(bias), eps), DType::kBF16);
  }
  if (x.size(-1) == 0) return x;
  const Normalized out = forward(x, weight, bias, eps);
  return record("layer_norm", {x, weight, bias}, out.y,
                [x, weight, eps, saved = Normalized{{}, out.means, out.scales}](const VjpArgs& v) {
                  return autograd::recording() ? composed_gradients(v, x, weight, eps)
                                               : fused_gradients(v, x, weight, saved);
                });
}

}  // namespace recur
