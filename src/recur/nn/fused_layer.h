// A layer by its cell's fused loop.
#pragma once

#include "recur/nn/recurrent_layer.h"

namespace recur {

// Whether the fused loop covers the cell and everything asked for.
bool can_fuse(const Tensor& x, const LayerParameters& parameters, const LayerOptions& options);

// As run_composed_layer, for what can_fuse.
LayerOutput run_fused_layer(const Tensor& x, const Tensors& states, const LayerParameters& parameters,
                            const Packing& packing, const LayerOptions& options);

}  // namespace recur
