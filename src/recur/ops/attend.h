// Attention over ragged sequences as one op.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// What is read: keys [B, S, D], values [B, S, E], and how many steps of each sequence there are, i32 [B]; undefined:
// all.
struct AttendMemory {
  Tensor keys, values, lengths;
};

// Queries [Q, B, D], time-major. A query q gives the step with key k the score q . k or, where `score` [D] is defined,
// score . tanh(q + k) (Bahdanau et al. 2015); the weights [Q, B, S] are the softmax of the scores over the steps there
// are, and 0 behind them; the context [Q, B, E] is the mean of the values by the weights, zeros where a sequence is
// empty. Returns {context, weights}. Nothing of the size of the scores' tanh is kept.
Tensors attend(const Tensor& query, const AttendMemory& memory, const Tensor& score = {});

}  // namespace recur
