#include "recur/ops/activations.h"

#include <numbers>

#include "recur/autograd/trace.h"
#include "recur/kernels/gelu_tanh.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/elementwise.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/select.h"

namespace recur {
namespace {

// gelu_tanh of differentiable ops.
Tensor composed_gelu(const Tensor& x) {
  return x * sigmoid((x + x * square(x) * kernels::kGeluCubic) * kernels::kGeluSlope);
}

}  // namespace

Tensor gelu(const Tensor& x) {
  if (Trace* trace = tracing()) return trace->op("gelu", {x}, {}, [&] { return gelu(x); });
  return x * (erf(x * (1 / std::numbers::sqrt2)) + 1) * 0.5;
}

Tensor gelu_tanh(const Tensor& x) {
  if (Trace* trace = tracing())
    return trace->op_with_twin(
        "gelu_tanh", {x}, {}, [&] { return gelu_tanh(x); }, [&] { return composed_gelu(x); });
  if (x.dtype() == DType::kBF16) return cast(gelu_tanh(cast(x, DType::kF32)), DType::kBF16);
  const auto gradient = [](const Tensors& in, const autograd::VjpArgs& v) {
    return Tensors{zip_elements("gelu_tanh", kernels::Binary::kGeluTanhGrad, v.grad(), in[0])};
  };
  return record_with_twin("gelu_tanh", {x}, {map_elements("gelu_tanh", kernels::Unary::kGeluTanh, x)}, gradient,
                          [](const Tensors& in) { return Tensors{composed_gelu(in[0])}; })[0];
}

Tensor silu(const Tensor& x) {
  if (Trace* trace = tracing()) return trace->op("silu", {x}, {}, [&] { return silu(x); });
  return x * sigmoid(x);
}

// The exponential sees nothing above 0, where it would overflow.
Tensor elu(const Tensor& x, double alpha) {
  if (Trace* trace = tracing()) return trace->op("elu", {x}, {{"alpha", alpha}}, [&] { return elu(x, alpha); });
  const Tensor below = minimum(x, Tensor::scalar(0, x.dtype()));
  return where(step(x.detach()), x, (exp(below) - 1) * alpha);
}

Tensor leaky_relu(const Tensor& x, double slope) {
  if (Trace* trace = tracing())
    return trace->op("leaky_relu", {x}, {{"slope", slope}}, [&] { return leaky_relu(x, slope); });
  return x * (step(x.detach()) * (1 - slope) + slope);
}

Tensor hard_sigmoid(const Tensor& x) {
  if (Trace* trace = tracing()) return trace->op("hard_sigmoid", {x}, {}, [&] { return hard_sigmoid(x); });
  return clamp(x / 6 + 0.5, 0, 1);
}

Tensor log_sigmoid(const Tensor& x) {
  if (Trace* trace = tracing()) return trace->op("log_sigmoid", {x}, {}, [&] { return log_sigmoid(x); });
  return -softplus(-x);
}

}  // namespace recur
