// The initial values of a cell's parameters.
#pragma once

#include "recur/nn/cells/cell.h"
#include "recur/nn/layers/sequence_layer.h"
#include "recur/nn/recurrent_layer.h"

namespace recur {

// By the options `init`, `chrono_steps`, `forget_bias`, `bias`, `projection` and `layer_norm`. Throws for an unknown
// init and for what the cell has no gate for.
LayerParameters initial_parameters(const Cell& cell, const LayerSpec& spec);

}  // namespace recur
