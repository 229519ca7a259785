#include "recur/nn/pooling_twins.h"

#include <limits>

#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/gather.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

// [B, 1]
Tensor column(const Tensor& lengths, DType dtype) { return reshape(cast(lengths, dtype), {lengths.size(0), 1}); }

// The last step of each sequence, the first of an empty one: [B, F].
Tensor last_steps(const Tensor& y, const Tensor& lengths) {
  const int64_t T = y.size(0), B = y.size(1), F = y.size(2);
  if (!lengths.defined()) return row(y, T - 1);
  const Tensor last = maximum(column(lengths, DType::kF64) - 1, Tensor::scalar(0, DType::kF64));
  const Tensor index = broadcast_to(reshape(cast(last, DType::kI32), {1, B, 1}), {1, B, F});
  return reshape(gather(y, 0, index), {B, F});
}

}  // namespace

Tensor padding_mask_twin(int64_t steps, const Tensor& lengths, DType dtype) {
  const Tensor t = reshape(arange(steps, dtype), {steps, 1, 1});
  return 1 - less(t, column(lengths, dtype));
}

Tensor pool_last_twin(const Tensor& y, const Tensor& lengths, bool bidirectional) {
  const int64_t half = bidirectional ? y.size(2) / 2 : y.size(2);
  Tensor at_end = last_steps(y, lengths);
  if (!bidirectional) return at_end;
  return concat({slice(at_end, {1, 0}, half), slice(row(y, 0), {1, half}, half)}, 1);
}

Tensor pool_mean_twin(const Tensor& y, const Tensor& lengths) {
  if (!lengths.defined()) return mean(y, 0);
  return sum(y, 0) * reciprocal(maximum(column(lengths, y.dtype()), Tensor::scalar(1, y.dtype())));
}

Tensor pool_max_twin(const Tensor& y, const Tensor& lengths) {
  if (!lengths.defined()) return max(y, 0);
  const Tensor padding = padding_mask_twin(y.size(0), lengths, y.dtype());
  const Tensor empty = equal(column(lengths, y.dtype()), Tensor::scalar(0, y.dtype()));
  return masked_fill(max(masked_fill(y, padding, -std::numeric_limits<float>::infinity()), 0), empty, 0);
}

}  // namespace recur
