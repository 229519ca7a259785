#include "recur/nn/penalties.h"

#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

Tensor sum_over(const char* name, const Tensors& parameters, Tensor (*f)(const Tensor&)) {
  if (parameters.empty()) fail("{}: expected at least one tensor", name);
  Tensor total = sum(f(parameters[0]));
  for (size_t i = 1; i < parameters.size(); ++i) total = total + sum(f(parameters[i]));
  return total;
}

}  // namespace

Tensor l1_penalty(const Tensors& parameters) { return sum_over("l1_penalty", parameters, abs); }
Tensor l2_penalty(const Tensors& parameters) { return sum_over("l2_penalty", parameters, square); }

Tensor activation_penalty(const Tensor& y) { return mean(square(y)); }

Tensor temporal_activation_penalty(const Tensor& y) {
  if (y.rank() != 3) fail("temporal_activation_penalty: expected y [T, B, H], got {}", y.shape().str());
  const int64_t T = y.size(0);
  if (T < 2) return Tensor::scalar(0, y.dtype());
  return mean(square(rows(y, 1, T) - rows(y, 0, T - 1)));
}

}  // namespace recur
