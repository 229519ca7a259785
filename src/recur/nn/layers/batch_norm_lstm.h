// The LSTM with batch normalisation in its recurrence: Cooijmans, Ballas, Laurent, Gulcehre and Courville, "Recurrent
// batch normalization" (2017).
//
//   const std::vector<LayerKind> kinds{batch_norm_lstm_kind({.steps = 64})};
//   Recurrent network({.cell = "lstm_batch_norm", .input = 32, .hidden = 32}, random, kinds);
#pragma once

#include <cstdint>

#include "recur/nn/layers/layer_kinds.h"

namespace recur {

inline constexpr const char* kBatchNormLstm = "lstm_batch_norm";

struct BatchNormLstmOptions {
  int64_t steps = 0;  // with statistics of their own; all later ones have those of the last
};

// A kind of layer called lstm_batch_norm: of one step t, with BN(z; w) = w (z - mean) / sqrt(variance + 1e-5) over the
// sequences of the batch,
//   i, f, g, o = BN(W_ih x_t; w_ih) + BN(W_hh h_{t-1}; w_hh) + bias, in PyTorch's order of the gates
//   c_t = sigmoid(f) c_{t-1} + sigmoid(i) tanh(g),  h_t = sigmoid(o) tanh(BN(c_t; w_c) + b_c)
// Each of the first `steps` steps, counted in the direction of travel from the beginning of the run, has statistics of
// its own: those of the batch in training, or, of one sequence alone, and always in evaluation, their running averages.
// So in training what becomes of a sequence depends on the others of its batch, which is why the kind is none of
// layer_kinds(): it is given to Recurrent beside them.
//
// Parameters: weight_ih [4 H, F], weight_hh [4 H, H], bias [4 H]; norm_ih.weight and norm_hh.weight [4 H],
// norm_c.weight and norm_c.bias [H], the weights starting at 0.1. Buffers: running_mean and running_var of each norm, a
// row a step. States h and c [B, H]. It goes both ways, and cannot be stepped. UsageError for options of other cells.
LayerKind batch_norm_lstm_kind(const BatchNormLstmOptions& options);

}  // namespace recur
