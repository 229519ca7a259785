// Checks the gradients of the tape against finite differences.
#pragma once

#include "recur/autograd/checkpoint.h"
#include "recur/autograd/grad.h"

namespace recur {

struct GradientCheck {
  double step = 1e-6;        // of the central difference, relative to max(1, |x|)
  int64_t max_entries = 64;  // inputs up to this size are checked element by element, larger ones along 8 directions
  uint64_t seed = 1;
};

// The largest error of the gradient of sum(w * f(inputs)), w random, with respect to the floating inputs, relative to
// the largest entry (at least 1) of that input's gradient. The inputs must be f64; integer inputs are held fixed.
double gradient_error(const TensorFunction& f, const Tensors& inputs, const GradientCheck& options = {});

// The same for the gradient of the gradient, which every op must compute exactly.
double second_gradient_error(const TensorFunction& f, const Tensors& inputs, const GradientCheck& options = {});

}  // namespace recur
