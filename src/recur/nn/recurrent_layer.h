// One recurrent layer in one direction over packed sequences. It runs in the fused loop if that supports the cell and
// the options (fused_layer.h), otherwise in the staged loop (staged_layer.h); both have the same composed twin.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/nn/cells/cell.h"
#include "recur/nn/packing.h"
#include "recur/tensor/tensor.h"

namespace recur {

// The norm of the gradient of the loss with respect to h at every time step, as computed by backward().
struct GradientTrace {
  std::vector<std::vector<double>> norms;  // [layer and direction][t]
};

// F inputs, H hidden units, G gates, P units of h (H without projection). Undefined: absent.
struct LayerParameters {
  Tensor weight_ih;         // [G H, F]; undefined where x is the projected input, its bias not yet added
  Tensor weight_hh;         // [G H, P]
  Tensor bias_ih, bias_hh;  // [G H]
  Tensor unit_weights;      // [number, H]
  Tensor projection;        // [P, H]
  Tensor norm_ih, norm_hh;  // [2, G H] scale and shift of the products' layer norm
  Tensor norm_inner;        // [2, H] of the inner state's
};

// A recurrent weight in the order the fused loop reads, kept while the weight stays as it is. Thread-safe.
class PackedWeight;

struct LayerOptions {
  const Cell* cell = nullptr;
  bool reverse = false;
  // Masks that multiply h where it enters the product, [B, P] in sorted order; undefined: none.
  Tensor recurrent_mask = {};
  // What multiplies h before each step, for all that the step does with it, [N, P] packed; undefined: none. Gradients
  // flow through it, as through the inputs.
  Tensor decay = {};
  // Zoneout: the share of the old state that is kept, of h and of the inner states: a mask [T, B, H] in sorted order
  // while training, one number [] otherwise; undefined: none.
  Tensor zoneout = {}, zoneout_inner = {};
  int64_t recompute = 0;  // steps a segment; 0: keep everything
  std::vector<double>* trace = nullptr;
  std::shared_ptr<PackedWeight> packed = {};  // where the weight may be kept; null: packed anew each time
};

struct LayerOutput {
  Tensor y;        // [N, P]
  Tensors states;  // h [B, P] and inner states [B, H] after the last step of each row
};

// x [N, F] packed, or [N, G H] where it is projected; states in sorted order.
LayerOutput run_layer(const Tensor& x, const Tensors& states, const LayerParameters& parameters, const Packing& packing,
                      const LayerOptions& options);

// The composed twin, whatever the options: ordinary ops step by step.
LayerOutput run_composed_layer(const Tensor& x, const Tensors& states, const LayerParameters& parameters,
                               const Packing& packing, const LayerOptions& options);

// Its parts: the input's product with bias and norm [N, G H], and the steps that take it in.
Tensor project_input(const Tensor& x, const LayerParameters& parameters);
LayerOutput run_composed_steps(const Tensor& projected, const Tensors& states, const LayerParameters& parameters,
                               const Packing& packing, const LayerOptions& options);

// One of those steps, of all rows at once: projected [B, G H], decay [B, P] or undefined -> the states after it.
Tensors run_composed_step(const Tensor& projected, const Tensor& decay, const Tensors& states,
                          const LayerParameters& parameters, const LayerOptions& options);

std::shared_ptr<PackedWeight> make_packed_weight();

}  // namespace recur
