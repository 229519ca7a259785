// The output layer and the loss of a language model in one.
#pragma once

#include "recur/ops/cross_entropy.h"

namespace recur {

// cross_entropy(linear(x, weight, bias), targets, options) without storing all logits [..., V]: rows are processed in
// chunks, and each chunk's contribution to the gradients is added before its logits are overwritten by the next. So the
// gradients are computed together with the loss, and backward() only scales them; second-order gradients use the two
// ops. x [..., F], weight [V, F], bias [V] or undefined, targets i32 [...].
Tensor linear_cross_entropy(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& targets,
                            const CrossEntropyOptions& options = {});

}  // namespace recur
