#include "recur/ops/cross_entropy.h"

#include <numeric>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/cross_entropy_rows.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;

template <class T>
kernels::CrossEntropy<T> kernel_arguments(const Tensor& logits, const Tensor& targets,
                                          const CrossEntropyOptions& options) {
  return {.rows = targets.numel(),
          .classes = logits.size(-1),
          .logits = logits.data<T>(),
          .targets = targets.data<int32_t>(),
          .ignored = options.ignored,
          .smoothing = static_cast<T>(options.smoothing)};
}

Tensor losses_of_rows(const Tensor& logits, const Tensor& targets, const CrossEntropyOptions& options) {
  Tensor losses = Tensor::empty(targets.shape(), logits.dtype());
  dispatch_float("cross_entropy", logits.dtype(), [&](auto zero) {
    using T = decltype(zero);
    row_losses(kernel_arguments<T>(logits, targets, options), losses.data<T>());
  });
  return losses;
}

// weights [...] times d(loss of the row) / d(logits), by the fused kernel.
Tensor fused_gradient(const Tensor& logits, const Tensor& targets, const Tensor& weights,
                      const CrossEntropyOptions& options) {
  Tensor grad = Tensor::empty(logits.shape(), logits.dtype());
  dispatch_float("cross_entropy", logits.dtype(), [&](auto zero) {
    using T = decltype(zero);
    row_gradients(kernel_arguments<T>(logits, targets, options), weights.data<T>(), grad.data<T>());
  });
  return grad;
}

// What softmax(logits) is drawn to, and (second) 1 for every row that counts.
std::pair<Tensor, Tensor> target_distribution(const Tensor& logits, const Tensor& targets,
                                              const CrossEntropyOptions& options) {
  const int64_t classes = logits.size(-1);
  Tensor wanted = Tensor::full(logits.shape(), options.smoothing / static_cast<double>(classes), logits.dtype());
  Tensor counts = Tensor::zeros(targets.shape(), logits.dtype());
  dispatch_float("cross_entropy", logits.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* mass = wanted.data<T>();
    T* count = counts.data<T>();
    const auto values = targets.values<int32_t>();
    for (size_t row = 0; row < values.size(); ++row) {
      if (values[row] == options.ignored) continue;
      mass[static_cast<int64_t>(row) * classes + values[row]] += static_cast<T>(1 - options.smoothing);
      count[row] = 1;
    }
  });
  return {wanted, counts};
}

// The same in differentiable ops, for gradients of the gradient: weights (softmax(logits) - wanted).
Tensor composed_gradient(const Tensor& logits, const Tensor& targets, const Tensor& weights,
                         const CrossEntropyOptions& options) {
  const auto [wanted, counts] = target_distribution(logits, targets, options);
  const Shape column = targets.shape().inserted(targets.rank(), 1);
  return (softmax(logits) - wanted) * reshape(weights * counts, column);
}

Tensor total(const Tensor& losses, double scale) {
  Tensor result = Tensor::empty({}, losses.dtype());
  dispatch_float("cross_entropy", losses.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto values = losses.values<T>();
    *result.data<T>() = static_cast<T>(std::accumulate(values.begin(), values.end(), 0.0) * scale);
  });
  return result;
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const Tensor& targets, const CrossEntropyOptions& options) {
  if (Trace* trace = tracing())
    return trace->op("cross_entropy", {logits, targets}, attributes_of(options),
                     [&] { return cross_entropy(logits, targets, options); });
  if (logits.dtype() == DType::kBF16) return cross_entropy(cast(logits, DType::kF32), targets, options);
  const int64_t count = count_targets("cross_entropy", logits.shape(), targets, options);
  const bool each = options.reduction == Reduction::kNone;
  const double scale = share_of_row(options, count);
  const Tensor losses = losses_of_rows(logits, targets, options);
  return record("cross_entropy", {logits}, each ? losses : total(losses, scale), [=](const VjpArgs& v) {
    const Tensor weights = each ? v.grad() : broadcast_to(v.grad() * scale, targets.shape());
    return Tensors{(autograd::recording() ? composed_gradient : fused_gradient)(logits, targets, weights, options)};
  });
}

}  // namespace recur
