// Losses of predictions against targets of the same shape. Each returns [] or, with Reduction::kNone, a loss per
// element.
#pragma once

#include "recur/ops/reduction.h"
#include "recur/tensor/tensor.h"

namespace recur {

// -t log(s) - (1 - t) log(1 - s) in nats, with s = sigmoid(logits) and targets t in [0, 1]; exact for large logits.
Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& targets,
                                        Reduction reduction = Reduction::kMean);

// (y - t)^2
Tensor mse(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::kMean);

// |y - t|
Tensor mae(const Tensor& prediction, const Tensor& target, Reduction reduction = Reduction::kMean);

// d^2 / 2 for d = |y - t| up to delta, delta (d - delta / 2) beyond (Huber, 1964); delta > 0.
Tensor huber(const Tensor& prediction, const Tensor& target, double delta = 1, Reduction reduction = Reduction::kMean);

}  // namespace recur
