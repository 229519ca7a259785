// Recording an op that has a composed twin.
#pragma once

#include <functional>

#include "recur/autograd/checkpoint.h"

namespace recur {

// As autograd::Vjp, given the op's inputs.
using FusedVjp = std::function<Tensors(const Tensors& inputs, const autograd::VjpArgs& v)>;

// The outputs of a fused op, linked to the tape. Its gradients are what `backward` gives or, where they are recorded
// themselves, those of `twin`, which computes the same outputs by differentiable ops. Both run in the precision of
// products that the op was computed in.
Tensors record_with_twin(const char* op, const Tensors& inputs, Tensors outputs, FusedVjp backward,
                         TensorFunction twin);

}  // namespace recur
