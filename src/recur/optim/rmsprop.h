// RMSprop: Tieleman and Hinton, "Lecture 6.5: rmsprop" (2012); the centred variant is from Graves, "Generating
// sequences with recurrent neural networks" (2013).
#pragma once

#include "recur/optim/optimizer.h"

namespace recur {

//   s = alpha s + (1 - alpha) g^2,  a = alpha a + (1 - alpha) g if centered, else 0
//   b = momentum b + g / (sqrt(s - a^2) + epsilon)
//   w -= rate b
struct RmspropOptions {
  double rate = 1e-2;
  double alpha = 0.99;
  double epsilon = 1e-8;
  double momentum = 0;
  double weight_decay = 0;  // adds weight_decay w to g
  bool centered = false;
};

class Rmsprop : public Optimizer {
 public:
  Rmsprop(const Tensors& parameters, const RmspropOptions& options) : Rmsprop(ParameterGroups{{parameters}}, options) {}
  Rmsprop(const ParameterGroups& groups, const RmspropOptions& options);

 protected:
  void update(const Run<float>& run) const override { apply(run); }
  void update(const Run<double>& run) const override { apply(run); }

 private:
  template <class T>
  void apply(const Run<T>& run) const;

  RmspropOptions options_;
};

}  // namespace recur
