// Stochastic gradient descent.
#pragma once

#include "recur/optim/optimizer.h"

namespace recur {

struct SgdOptions {
  double rate = 1e-2;
  double momentum = 0;      // v = momentum v + (1 - dampening) g, v = g in the first step; w -= rate v
  double dampening = 0;     // 0 with nesterov
  bool nesterov = false;    // w -= rate (g + momentum v): Sutskever et al., "On the importance of initialization and
                            // momentum in deep learning" (2013)
  double weight_decay = 0;  // adds weight_decay w to the gradient
};

class Sgd : public Optimizer {
 public:
  Sgd(const Tensors& parameters, const SgdOptions& options) : Sgd(ParameterGroups{{parameters}}, options) {}
  Sgd(const ParameterGroups& groups, const SgdOptions& options);

 protected:
  void update(const Run<float>& run) const override { apply(run); }
  void update(const Run<double>& run) const override { apply(run); }

 private:
  template <class T>
  void apply(const Run<T>& run) const;

  SgdOptions options_;
};

}  // namespace recur
