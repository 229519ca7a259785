// The output layer and the loss of a language model in one.
#pragma once

#include "recur/ops/cross_entropy.h"

namespace recur {

// cross_entropy(linear(x, weight, bias), targets, options), without an array of all logits [..., V]: rows are taken in
// chunks, and what a chunk's logits give to the gradients is added up before the next chunk takes their place. So the
// gradients are ready when the loss is, and backward() only scales them; a gradient of the gradient goes through the
// two ops. x [..., F], weight [V, F], bias [V] or undefined, targets i32 [...].
Tensor linear_cross_entropy(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& targets,
                            const CrossEntropyOptions& options = {});

}  // namespace recur
