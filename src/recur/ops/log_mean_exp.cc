#include "recur/ops/log_mean_exp.h"

#include <cmath>

#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/softmax.h"

namespace recur {

Tensor log_mean_exp(const Tensors& x) {
  if (x.size() == 1) return x.front();
  return logsumexp(stack(x), 0) - std::log(static_cast<double>(x.size()));
}

}  // namespace recur
