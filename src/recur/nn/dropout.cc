#include "recur/nn/dropout.h"

#include "recur/ops/dropout.h"

namespace recur {

Dropout::Dropout(double p) : p_(p) {
  if (!(p >= 0 && p <= 1)) fail("Dropout: p: expected 0 to 1, got {}", p);
}

Tensor Dropout::operator()(const Tensor& x, Random& random) const { return training() ? dropout(x, p_, random) : x; }

}  // namespace recur
