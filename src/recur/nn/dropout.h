// Dropout as a layer.
#pragma once

#include "recur/base/random.h"
#include "recur/nn/module.h"

namespace recur {

// Training: each element is 0 with probability p, else x / (1 - p). Evaluation: x.
class Dropout : public Module {
 public:
  explicit Dropout(double p);

  // `random` belongs to the caller, whose checkpoint stores it; nothing is drawn in evaluation.
  Tensor operator()(const Tensor& x, Random& random) const;

 private:
  double p_;
};

}  // namespace recur
