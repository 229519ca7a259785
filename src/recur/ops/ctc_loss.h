// Connectionist temporal classification (Graves, Fernandez, Gomez and Schmidhuber 2006): the loss of a labelling whose
// place in time is not known.
#pragma once

#include <cstdint>
#include <span>

#include "recur/tensor/tensor.h"

namespace recur {

// -ln of the probability of the labels of each sequence, in nats: [B]. A path has one symbol a step, drawn from the
// softmax of the logits [T, B, V]; it says the labels that are left when repeated symbols are merged and blanks taken
// out, and the probability of labels is the sum over all their paths. Exact, in log space, by the forward-backward
// algorithm; the gradients are computed together with the loss where they are wanted.
//
// labels i32 [S, B]: each column the labels of a sequence, -1 behind the last of them. lengths i64 [B], 0 .. T;
// undefined: all T. Logits behind the end of a sequence do not count. Throws Error for a sequence of fewer steps than
// ctc_least_steps() of its labels: it has no path.
Tensor ctc_loss(const Tensor& logits, const Tensor& labels, const Tensor& lengths = {}, int64_t blank = 0);

// The same made of differentiable ops: what gradients of the gradient run through.
Tensor ctc_loss_twin(const Tensor& logits, const Tensor& labels, const Tensor& lengths, int64_t blank);

// The fewest steps whose paths can say these labels: one each, and a blank between two that are the same.
int64_t ctc_least_steps(std::span<const int32_t> labels);

}  // namespace recur
