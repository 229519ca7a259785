#include "recur/ops/dropout.h"

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"

namespace recur {

Tensor dropout_mask(const Shape& shape, double p, Random& random, DType dtype) {
  if (!(p >= 0 && p <= 1)) fail("dropout: expected 0 <= p <= 1, got {}", p);
  Tensor mask = Tensor::empty(shape);
  random.bernoulli_mask({mask.data<float>(), static_cast<size_t>(mask.numel())}, static_cast<float>(1 - p));
  return cast(mask, dtype);
}

Tensor dropout(const Tensor& x, double p, Random& random) {
  if (p == 0) return x;
  return x * dropout_mask(x.shape(), p, random, x.dtype());
}

}  // namespace recur
