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

// y [T, B, P], zeros in the padding, and the states after each sequence's last step. A trace records one node, or,
// opened, the product of the input and a scan whose step is the composed one.
LayerOutput run_padded_layer(const PaddedLayerInput& input, const LayerParameters& parameters,
                             const PaddedLayerOptions& options);

// What runs such a node: inputs x, lengths, decay, the nine parameters in the order of their struct, the states.
Tensors run_recurrent_layer_node(const OpCall& call);

}  // namespace recur
