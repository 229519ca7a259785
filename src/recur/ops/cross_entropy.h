// The loss of classifiers and language models.
#pragma once

#include "recur/ops/reduction.h"
#include "recur/tensor/tensor.h"

namespace recur {

struct CrossEntropyOptions {
  int ignored = -1;                        // a target that stands for "no target": loss 0, gradient 0
  double smoothing = 0;                    // label smoothing: share spread evenly over the classes, [0, 1)
  Reduction reduction = Reduction::kMean;  // the mean is over targets that are not ignored, or 0 if there are none
};

// -log softmax(logits)[target] in nats. logits [..., V], targets i32 [...], whose size is that of all but the last
// axis -> [], or [...] with kNone. A target outside 0 .. V - 1 that is not `ignored` is an error that names its row.
Tensor cross_entropy(const Tensor& logits, const Tensor& targets, const CrossEntropyOptions& options = {});

}  // namespace recur
