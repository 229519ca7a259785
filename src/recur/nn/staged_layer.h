// A layer by the staged loop (kernels/staged.h): any cell with any option.
#pragma once

#include "recur/nn/recurrent_layer.h"

namespace recur {

// Whether the loop has the element type: f32 and f64.
bool can_stage(const Tensor& x);

// As run_composed_layer, for what can_stage and at least one packed row.
LayerOutput run_staged_layer(const Tensor& x, const Tensors& states, const LayerParameters& parameters,
                             const Packing& packing, const LayerOptions& options);

}  // namespace recur
