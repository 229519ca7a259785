// A recurrent cell over time, in one direction over packed sequences: by the fused loop where that has the cell and the
// options (fused_layer.h), by the staged loop otherwise (staged_layer.h); both have the same composed twin.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/nn/cells/cell.h"
#include "recur/nn/layers/sequence_layer.h"
#include "recur/nn/packing.h"
#include "recur/tensor/tensor.h"

namespace recur {

// F inputs, H hidden units, G gates, P units that h has (H without projection). Undefined: not there.
// T: Tensor, or Parameter.
template <class T>
struct LayerTensors {
  T weight_ih;         // [G H, F]; undefined where x is the projected input, its bias not yet added
  T weight_hh;         // [G H, P]
  T bias_ih, bias_hh;  // [G H]
  T unit_weights;      // [number, H]
  T projection;        // [P, H]
  T norm_ih, norm_hh;  // [2, G H] scale and shift of the products' layer norm
  T norm_inner;        // [2, H] of the inner state's
};
using LayerParameters = LayerTensors<Tensor>;

template <class To, class From>
LayerTensors<To> converted(const LayerTensors<From>& p) {
  return {To(p.weight_ih),  To(p.weight_hh), To(p.bias_ih), To(p.bias_hh),   To(p.unit_weights),
          To(p.projection), To(p.norm_ih),   To(p.norm_hh), To(p.norm_inner)};
}

// Calls f(name, tensor) for each, by the names they have as parameters.
template <class Parameters, class F>
void for_each_part(Parameters&& p, F&& f) {
  f("weight_ih", p.weight_ih);
  f("weight_hh", p.weight_hh);
  f("bias_ih", p.bias_ih);
  f("bias_hh", p.bias_hh);
  f("weight_hr", p.projection);
  f("peephole", p.unit_weights);
  f("norm_ih", p.norm_ih);
  f("norm_hh", p.norm_hh);
  f("norm_inner", p.norm_inner);
}

// A layer's outputs as those of an op: y, then the states; and back.
Tensors join(const LayerOutput& output);
LayerOutput split_output(const Tensors& outputs);

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

// x [N, F] packed, or [N, G H] where it is projected; states h [B, P] and inner ones [B, H], in sorted order.
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
