// Adam: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), and its variants.
#pragma once

#include "recur/optim/optimizer.h"

namespace recur {

//   m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2
//   w -= rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
struct AdamOptions {
  double rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;  // adds weight_decay w to g
  bool decoupled = false;   // shrinks w by rate weight_decay w instead: Loshchilov and Hutter, "Decoupled weight decay
                            // regularization" (2019)
  bool amsgrad = false;     // divides by the largest v so far: Reddi, Kale and Kumar, "On the convergence of Adam and
                            // beyond" (2018)
};

class Adam : public Optimizer {
 public:
  Adam(const Tensors& parameters, const AdamOptions& options) : Adam(ParameterGroups{{parameters}}, options) {}
  Adam(const ParameterGroups& groups, const AdamOptions& options);

 protected:
  void update(const Run<float>& run) const override { apply(run); }
  void update(const Run<double>& run) const override { apply(run); }

 private:
  template <class T>
  void apply(const Run<T>& run) const;

  AdamOptions options_;
};

// Adam with decoupled weight decay.
class AdamW : public Adam {
 public:
  AdamW(const Tensors& parameters, const AdamOptions& options) : AdamW(ParameterGroups{{parameters}}, options) {}
  AdamW(const ParameterGroups& groups, AdamOptions options) : Adam(groups, decoupled(options)) {}

 private:
  static AdamOptions decoupled(AdamOptions options) {
    options.decoupled = true;
    return options;
  }
};

}  // namespace recur
