// The loss of a transducer (RNN-T; Graves, "Sequence transduction with recurrent neural networks", 2012): of labels
// whose place in time is not known, and each of which may depend on those before it.
#pragma once

#include <cstdint>
#include <span>

#include "recur/tensor/tensor.h"

namespace recur {

// -ln of the probability of the labels of each sequence, in nats: [B]. A path begins at step 0 with no label said. At
// each point (step t, u labels said) it either says the next label and stays at the step, or, with a blank, goes on to
// the next step; it ends with the blank of the last step when all is said. The probability of labels is the sum over
// all paths, exact, in log space; the gradients are computed together with the loss where they are wanted.
//
// logits [N, V], N = sum over the sequences of T_b (U_b + 1): without padding, one sequence behind another, of each the
// rows of step 0 for u = 0 .. U_b, then those of step 1. labels i32 [U, B]: each column the U_b labels of a sequence,
// -1 behind the last of them. steps i64 [B]: T_b; a sequence without steps has no labels and no loss. Takes as much
// memory as the logits once more; who has no room for N V numbers gives a few sequences at a time.
Tensor transducer_loss(const Tensor& logits, const Tensor& labels, const Tensor& steps, int64_t blank = 0);

// The same made of differentiable ops: what gradients of the gradient run through.
Tensor transducer_loss_twin(const Tensor& logits, const Tensor& labels, const Tensor& steps, int64_t blank);

// N for sequences of so many steps and labels.
int64_t transducer_rows(std::span<const int64_t> steps, std::span<const int64_t> labels);

}  // namespace recur
