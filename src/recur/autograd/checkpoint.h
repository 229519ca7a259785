// Gradients of a function by running it again.
#pragma once

#include <functional>

#include "recur/autograd/node.h"

namespace recur {

using TensorFunction = std::function<Tensors(const Tensors& inputs)>;

// f(inputs), of which only the inputs are kept: backward runs f again and differentiates that (Chen et al. 2016,
// "Training deep nets with sublinear memory cost"). f must compute the same values each time, so randomness enters as
// an input; everything f depends on that requires a gradient must be among the inputs. Undefined inputs are allowed.
Tensors checkpoint(const TensorFunction& f, const Tensors& inputs);

// What the vjp of an op returns whose outputs f computes from `inputs` by differentiable ops: the way of a fused kernel
// to its composed twin. While recording, the result can be differentiated again, exactly.
Tensors vjp_of(const TensorFunction& f, const Tensors& inputs, const autograd::VjpArgs& v, int outputs);

}  // namespace recur
