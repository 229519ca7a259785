#include "recur/nn/linear.h"

#include <cmath>

#include "recur/ops/matmul.h"

namespace recur {

Linear::Linear(const LinearOptions& o, Random& random) : weight(o.tied) {
  if (o.in < 1 || o.out < 1) fail("Linear: in and out must be at least 1, got {} and {}", o.in, o.out);
  const double bound = 1 / std::sqrt(static_cast<double>(o.in));
  if (!weight->defined()) {
    weight = Tensor::empty({o.out, o.in});
    init::uniform(weight, -bound, bound, random);
  }
  if (weight->shape() != Shape{o.out, o.in})
    fail("Linear: tied: expected shape {}, got {}", Shape{o.out, o.in}.str(), weight->shape().str());
  register_parameter("weight", weight);
  if (!o.bias) return;
  bias = Tensor::empty({o.out}, weight->dtype());
  init::uniform(bias, -bound, bound, random);
  register_parameter("bias", bias);
}

Tensor Linear::operator()(const Tensor& x) const { return linear(x, weight, bias); }

}  // namespace recur
