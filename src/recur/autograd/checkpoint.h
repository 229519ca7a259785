// Gradient checkpointing: gradients of a function by running it again.
#pragma once

#include <functional>

#include "recur/autograd/node.h"

namespace recur {

using TensorFunction = std::function<Tensors(const Tensors& inputs)>;

// f(inputs), keeping only the inputs: backward runs f again and differentiates that (Chen et al. 2016,
// "Training deep nets with sublinear memory cost"). f must compute the same values each time, so random
// numbers must be inputs; every tensor that f depends on and that requires a gradient must be an input. Undefined
// inputs are allowed.
Tensors checkpoint(const TensorFunction& f, const Tensors& inputs);

// The vector-Jacobian product of an op whose outputs f computes from `inputs` by differentiable ops: it connects a
// fused kernel with its composed twin. While recording, the result can be differentiated again, exactly.
Tensors vjp_of(const TensorFunction& f, const Tensors& inputs, const autograd::VjpArgs& v, int outputs);

}  // namespace recur
