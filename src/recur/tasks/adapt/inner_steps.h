// Gradient descent on the shots of a problem: from the parameters of a module to others of the same shapes.
#pragma once

#include <cstdint>
#include <functional>

#include "recur/nn/module.h"

namespace recur {

enum class Through {
  kSecondOrder,  // a graph through every step, to any order: MAML
  kFirstOrder,   // a graph in which the gradients of the steps are constants: FOMAML
  kNothing,      // no graph: the values alone
};

struct InnerSteps {
  double rate = 0.01;
  int64_t steps = 1;
  Through through = Through::kNothing;
};

// The parameters of `module`, in their order, after so many steps on `loss`, which is called with them in place
// (ReplacedParameters). The module stays as it is. `after`, if any, is called with the parameters before the first step
// and after each.
Tensors descended(const Module& module, const std::function<Tensor()>& loss, const InnerSteps& how,
                  const std::function<void(const Tensors&)>& after = nullptr);

}  // namespace recur
