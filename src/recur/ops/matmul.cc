#include "recur/ops/matmul.h"

#include <algorithm>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/precision.h"
#include "recur/ops/product.h"
#include "recur/ops/reshape.h"
#include "recur/tensor/data_or_null.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;

// The products that a matmul comes to: `count` of them, op(a) [m, k] op(b) [k, n], each.
struct ProductPlan {
  ProductPlan(const Shape& a, const Shape& b, MatmulOptions options) {
    if (a.rank() < 2 || b.rank() < 2) fail("matmul: expected matrices, got {} and {}", a.str(), b.str());
    m = a[options.trans_a ? -1 : -2];
    k = a[options.trans_a ? -2 : -1];
    n = b[options.trans_b ? -2 : -1];
    const int64_t k_of_b = b[options.trans_b ? -1 : -2];
    const bool batches_agree = a.rank() == b.rank() && std::equal(a.begin(), a.end() - 2, b.begin(), b.end() - 2);
    if (k != k_of_b || !batches_agree)
      fail("matmul: {}{} and {}{} do not fit", a.str(), options.trans_a ? " transposed" : "", b.str(),
           options.trans_b ? " transposed" : "");
    out = a;
    out[-2] = m;
    out[-1] = n;
    for (int axis = 0; axis < a.rank() - 2; ++axis) count *= a[axis];
  }

  int64_t m, n, k, count = 1;
  Shape out;
};

// bias [n] or none: added to each row.
Tensor product(const Tensor& a, const Tensor& b, MatmulOptions options, const Tensor& bias = {}) {
  const ProductPlan plan(a.shape(), b.shape(), options);
  if (a.dtype() != b.dtype()) fail("matmul: operands are {} and {}", name_of(a.dtype()), name_of(b.dtype()));
  Tensor c = Tensor::empty(plan.out, a.dtype());
  if (c.numel() == 0) return c;
  dispatch_float("matmul", a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < plan.count; ++i)
      multiply<T>({.trans_a = options.trans_a,
                   .trans_b = options.trans_b,
                   .m = plan.m,
                   .n = plan.n,
                   .k = plan.k,
                   .a = a.data<T>() + i * plan.m * plan.k,
                   .lda = a.size(-1),
                   .b = b.data<T>() + i * plan.k * plan.n,
                   .ldb = b.size(-1),
                   .bias = data_or_null<T>(bias),
                   .c = c.data<T>() + i * plan.m * plan.n,
                   .ldc = plan.n});
  });
  return c;
}

// With C = op(A) op(B): dA = dC op(B)^T and dB = op(A)^T dC, each transposed once more where the operand was.
Tensors gradients(const VjpArgs& v, const Tensor& a, const Tensor& b, MatmulOptions options) {
  const Tensor g = v.grad();
  Tensors result(2);
  if (v.needs(0))
    result[0] = options.trans_a ? matmul(b, g, {.trans_a = options.trans_b, .trans_b = true})
                                : matmul(g, b, {.trans_a = false, .trans_b = !options.trans_b});
  if (v.needs(1))
    result[1] = options.trans_b ? matmul(g, a, {.trans_a = true, .trans_b = options.trans_a})
                                : matmul(a, g, {.trans_a = !options.trans_a, .trans_b = false});
  return result;
}

// x [rows, F] weight^T + bias, in one op. Not of bf16 tensors, which round the product before the bias is added.
Tensor affine(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  constexpr MatmulOptions kOptions{.trans_b = true};
  if (bias.dtype() != x.dtype()) fail("linear: operands are {} and {}", name_of(x.dtype()), name_of(bias.dtype()));
  return record("linear", {x, weight, bias}, product(x, weight, kOptions, bias),
                [x, weight, shape = bias.shape(), precision = product_precision()](const VjpArgs& v) {
                  const ProductPrecision as_forward(precision);
                  Tensors result = gradients(v, x, weight, kOptions);
                  result.push_back(v.needs(2) ? sum_to(v.grad(), shape) : Tensor());
                  return result;
                });
}

// Of x [..., F], all rows as one matrix. fused: product and bias in one op.
Tensor linear_of(const Tensor& x, const Tensor& weight, const Tensor& bias, bool fused) {
  Shape shape = x.shape();
  shape[-1] = weight.size(0);
  const int64_t features = x.size(-1), count = features == 0 ? shape.erased(-1).numel() : x.numel() / features;
  const Tensor rows = reshape(x, Shape{count, features});
  if (fused) return reshape(affine(rows, weight, bias), shape);
  const Tensor y = matmul(rows, weight, {.trans_b = true});
  return reshape(bias.defined() ? y + bias : y, shape);
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b, MatmulOptions options) {
  if (Trace* trace = tracing())
    return trace->op("matmul", {a, b}, {{"trans_a", options.trans_a}, {"trans_b", options.trans_b}},
                     [&] { return matmul(a, b, options); });
  if (a.dtype() == DType::kBF16 && b.dtype() == DType::kBF16)
    return cast(matmul(cast(a, DType::kF32), cast(b, DType::kF32), options), DType::kBF16);
  if (a.rank() > 2 && b.rank() == 2 && !options.trans_a) {  // one b for all: a single tall product
    Shape shape = a.shape();
    const Tensor c = matmul(reshape(a, {-1, a.size(-1)}), b, options);
    shape[-1] = c.size(-1);
    return reshape(c, shape);
  }
  return record("matmul", {a, b}, product(a, b, options),
                [a, b, options, precision = product_precision()](const VjpArgs& v) {
                  const ProductPrecision as_forward(precision);
                  return gradients(v, a, b, options);
                });
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (x.rank() < 1 || weight.rank() != 2 || x.size(-1) != weight.size(1))
    fail("linear: x {} does not fit weight {}", x.shape().str(), weight.shape().str());
  if (bias.defined() && bias.shape() != Shape{weight.size(0)})
    fail("linear: bias: expected {}, got {}", Shape{weight.size(0)}.str(), bias.shape().str());
  if (Trace* trace = tracing())
    return trace->op_with_twin(
        "linear", {x, weight, bias}, {}, [&] { return linear(x, weight, bias); },
        [&] { return linear_of(x, weight, bias, false); });
  return linear_of(x, weight, bias, bias.defined() && x.dtype() != DType::kBF16);
}

}  // namespace recur
