// The steps of a decoder with input feeding (Luong, Pham and Manning 2015), of a known sequence, as one op: a recurrent
// cell reads a symbol and the features of the step before, attention reads the memory, and both make the features.
#pragma once

#include "recur/nn/packing.h"
#include "recur/nn/recurrent_layer.h"
#include "recur/ops/attend.h"

namespace recur {

// F features of a symbol, H hidden units, G gates, O features of a step, E features of the memory.
struct FedLoopInput {
  const Cell* cell = nullptr;
  LayerParameters rnn = {};  // weight_ih [G H, F + O], weight_hh, biases
  Tensor x;                  // [N, F] packed
  Tensors states;            // h and inner states [B, H], in sorted order, as what follows
  Tensor fed;                // [B, O], the features before the first step
  AttendMemory memory;       // of the batch, in its own order: keys [B, S, D], values [B, S, E]
  Tensor query_weight = {}, query_bias = {}, score = {};  // [D, H], [D], [D] of additive attention; undefined: q . k
  Tensor combine_weight, combine_bias;                    // [O, E + H], [O]
  Tensor mask = {};                                       // [N, O], of dropout on the features; undefined: none
};

struct FedLoopOutput {
  Tensor features;  // [N, O]: tanh(combine [context; h]) times the mask
  Tensor weights;   // [N, S]
  Tensors states;   // after the last step of each row, in sorted order
  Tensor fed;       // [B, O]
};

// Whether run_fed_loop has the cell and the options.
bool can_feed(const Cell& cell, const LayerParameters& parameters, DType dtype);

// All steps as one op, without a [T, B, S] array of more than weights and their gradients. REQUIRES: can_feed
FedLoopOutput run_fed_loop(const FedLoopInput& input, const Packing& packing);

// The composed twin: ordinary ops step by step.
FedLoopOutput run_composed_fed_loop(const FedLoopInput& input, const Packing& packing);

}  // namespace recur
