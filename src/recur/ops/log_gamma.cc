#include "recur/ops/log_gamma.h"

#include <cmath>
#include <numbers>

#include "recur/autograd/trace.h"
#include "recur/ops/binary.h"

namespace recur {

Tensor log_gamma(const Tensor& x) {
  if (Trace* trace = tracing()) return trace->op("log_gamma", {x}, {}, [&] { return log_gamma(x); });
  constexpr int kShift = 8;
  Tensor product = x;
  for (int k = 1; k < kShift; ++k) product = product * (x + k);
  const Tensor z = x + kShift, inverse = reciprocal(z), inverse2 = square(inverse);
  const Tensor series = inverse * (1.0 / 12 - inverse2 * (1.0 / 360 - inverse2 * (1.0 / 1260)));
  return (z - 0.5) * log(z) - z + 0.5 * std::log(2 * std::numbers::pi) + series - log(product);
}

}  // namespace recur
