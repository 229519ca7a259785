// Adagrad: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization"
// (2011).
#pragma once

#include "recur/optim/optimizer.h"

namespace recur {

// sum += g^2,  w -= rate / (1 + (t - 1) rate_decay) g / (sqrt(sum) + epsilon)
struct AdagradOptions {
  double rate = 1e-2;
  double rate_decay = 0;
  double weight_decay = 0;  // adds weight_decay w to g
  double initial_sum = 0;
  double epsilon = 1e-10;
};

class Adagrad : public Optimizer {
 public:
  Adagrad(const Tensors& parameters, const AdagradOptions& options) : Adagrad(ParameterGroups{{parameters}}, options) {}
  Adagrad(const ParameterGroups& groups, const AdagradOptions& options);

 protected:
  void update(const Run<float>& run) const override { apply(run); }
  void update(const Run<double>& run) const override { apply(run); }

 private:
  template <class T>
  void apply(const Run<T>& run) const;

  AdagradOptions options_;
};

}  // namespace recur
