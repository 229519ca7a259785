#include "recur/nn/recurrent_layer.h"

#include "recur/autograd/checkpoint.h"
#include "recur/nn/fused_layer.h"
#include "recur/nn/packed_weight.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

LayerOutput run_at_once(const Tensor& x, const Tensors& states, const LayerParameters& parameters,
                        const Packing& packing, const LayerOptions& options) {
  if (packing.packed_rows() > 0 && can_fuse(x, parameters, options))
    return run_fused_layer(x, states, parameters, packing, options);
  return run_composed_layer(x, states, parameters, packing, options);
}

// Every tensor of a layer that a gradient may be wanted of, and back.
Tensors flatten(const LayerParameters& p) {
  return {p.weight_ih,  p.weight_hh, p.bias_ih, p.bias_hh,   p.unit_weights,
          p.projection, p.norm_ih,   p.norm_hh, p.norm_inner};
}
LayerParameters unflatten(const Tensor* from) {
  return {from[0], from[1], from[2], from[3], from[4], from[5], from[6], from[7], from[8]};
}

// The options for steps begin .. end - 1 alone.
LayerOptions part_of(const LayerOptions& options, int64_t begin, int64_t end) {
  LayerOptions part = options;
  for (Tensor* mask : {&part.zoneout, &part.zoneout_inner})
    if (mask->defined() && mask->rank() > 0) *mask = rows(*mask, begin, end);
  return part;
}

// Segment after segment, each of which keeps nothing but its inputs.
LayerOutput run_in_segments(const Tensor& x, Tensors states, const LayerParameters& parameters, const Packing& packing,
                            const LayerOptions& options) {
  const int64_t T = packing.steps(), length = options.recompute, count = (T + length - 1) / length;
  const size_t state_count = states.size();
  Tensors outputs(static_cast<size_t>(count));
  for (int64_t s = 0; s < count; ++s) {
    const int64_t i = options.reverse ? count - 1 - s : s;
    const int64_t begin = i * length, end = std::min(T, begin + length);
    const int64_t first = packing.offset(begin), last = packing.offset(end - 1) + packing.rows(end - 1);
    const TensorFunction run = [=, part = packing.segment(begin, end),
                                own = part_of(options, begin, end)](const Tensors& in) {
      const Tensors before(in.begin() + 1, in.begin() + 1 + static_cast<int64_t>(state_count));
      const LayerOutput output = run_at_once(in[0], before, unflatten(in.data() + 1 + state_count), part, own);
      Tensors result{output.y};
      result.insert(result.end(), output.states.begin(), output.states.end());
      return result;
    };
    Tensors inputs{rows(x, first, last)};
    inputs.insert(inputs.end(), states.begin(), states.end());
    const Tensors flat = flatten(parameters);
    inputs.insert(inputs.end(), flat.begin(), flat.end());
    const Tensors result = checkpoint(run, inputs);
    outputs[i] = result[0];
    states.assign(result.begin() + 1, result.end());
  }
  return {concat(outputs, 0), states};
}

}  // namespace

LayerOutput run_layer(const Tensor& x, const Tensors& states, const LayerParameters& parameters, const Packing& packing,
                      const LayerOptions& options) {
  const bool segmented = options.recompute > 0 && packing.steps() > options.recompute && options.trace == nullptr;
  if (segmented) return run_in_segments(x, states, parameters, packing, options);
  return run_at_once(x, states, parameters, packing, options);
}

std::shared_ptr<PackedWeight> make_packed_weight() { return std::make_shared<PackedWeight>(); }

}  // namespace recur
