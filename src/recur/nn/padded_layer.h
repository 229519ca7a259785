// One recurrent layer in one direction over padded sequences: the node "recurrent_layer" of a graph.
#pragma once

#include "recur/nn/recurrent_layer.h"
#include "recur/ops/op_list.h"

namespace recur {

struct PaddedLayerOptions {
  const Cell* cell = nullptr;
  bool reverse = false;
  // The shares of the old state that zoneout keeps in evaluation, of h and of the inner states.
  double zoneout = 0, zoneout_inner = 0;
};

struct PaddedLayerInput {
  Tensor x;             // [T, B, F]
  Tensor lengths = {};  // i64 [B]; undefined: all T
  Tensor decay = {};    // [T, B, P]; undefined: none
  Tensors states = {};  // h [B, P], then inner states [B, H]; empty: zeros
};

// y [T, B, P], zeros in the padding, and the states after the last step of each sequence. A trace records one node, or,
// if it opens the node, the product of the input and a scan with the composed step.
LayerOutput run_padded_layer(const PaddedLayerInput& input, const LayerParameters& parameters,
                             const PaddedLayerOptions& options);

// What runs such a node: inputs x, lengths, decay, the nine parameters in the order of their struct, the states.
Tensors run_recurrent_layer_node(const OpCall& call);

}  // namespace recur
