#include "recur/nn/recurrent_layer.h"

#include "recur/autograd/checkpoint.h"
#include "recur/nn/fake_int8.h"
#include "recur/nn/fused_layer.h"
#include "recur/nn/packed_weight.h"
#include "recur/nn/staged_layer.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

LayerOutput run_at_once(const Tensor& x, const Tensors& states, const LayerParameters& parameters,
                        const Packing& packing, const LayerOptions& options) {
  if (packing.packed_rows() > 0 && can_fuse(x, parameters, options))
    return run_fused_layer(x, states, parameters, packing, options);
  if (packing.packed_rows() > 0 && can_stage(x)) return run_staged_layer(x, states, parameters, packing, options);
  return run_composed_layer(x, states, parameters, packing, options);
}

// Every tensor of a layer that a gradient may be wanted of, and back.
Tensors flatten(const LayerParameters& p) {
  Tensors parts;
  for_each_part(p, [&](const char*, const Tensor& part) { parts.push_back(part); });
  return parts;
}
LayerParameters unflatten(const Tensor* from) {
  LayerParameters p;
  for_each_part(p, [&](const char*, Tensor& part) { part = *from++; });
  return p;
}

// The options for steps begin .. end - 1 alone.
LayerOptions part_of(const LayerOptions& options, int64_t begin, int64_t end) {
  LayerOptions part = options;
  for (Tensor* mask : {&part.zoneout, &part.zoneout_inner})
    if (mask->defined() && mask->rank() > 0) *mask = rows(*mask, begin, end);
  return part;
}

// Steps begin .. end - 1.
struct Segment {
  int64_t begin, end;
};

std::vector<Segment> cut(int64_t steps, int64_t length) {
  std::vector<Segment> segments;
  for (int64_t begin = 0; begin < steps; begin += length) segments.push_back({begin, std::min(steps, begin + length)});
  return segments;
}

// The packed rows of each segment.
Tensors split_rows(const Tensor& x, const Packing& packing, const std::vector<Segment>& segments) {
  std::vector<int64_t> sizes;
  for (const auto [begin, end] : segments)
    sizes.push_back(packing.offset(end - 1) + packing.rows(end - 1) - packing.offset(begin));
  return split(x, 0, sizes);
}

// y and the states after one segment, of which nothing is kept but its inputs: x, decay, states and parameters.
Tensors run_segment(const Packing& packing, const LayerOptions& options, size_t states, const Tensors& inputs) {
  const auto first_parameter = inputs.begin() + 2 + static_cast<std::ptrdiff_t>(states);
  const Tensors before(inputs.begin() + 2, first_parameter);
  LayerOptions own = options;
  own.decay = inputs[1];
  return join(run_at_once(inputs[0], before, unflatten(&*first_parameter), packing, own));
}

// Segment after segment, each of which keeps nothing but its inputs. The last one keeps all: backward begins with it,
// before anything else takes room.
LayerOutput run_in_segments(const Tensor& x, Tensors states, const LayerParameters& parameters, const Packing& packing,
                            const LayerOptions& options) {
  const std::vector<Segment> segments = cut(packing.steps(), options.recompute);
  const Tensors parts = split_rows(x, packing, segments), flat = flatten(parameters);
  const Tensors decays =
      options.decay.defined() ? split_rows(options.decay, packing, segments) : Tensors(segments.size());
  Tensors outputs(segments.size());
  for (size_t s = 0; s < segments.size(); ++s) {
    const size_t i = options.reverse ? segments.size() - 1 - s : s;
    const auto [begin, end] = segments[i];
    const TensorFunction run = [part = packing.segment(begin, end), own = part_of(options, begin, end),
                                count = states.size(), rounds = Int8Training::is_on()](const Tensors& in) {
      const Int8Training scope(rounds);
      return run_segment(part, own, count, in);
    };
    Tensors inputs{parts[i], decays[i]};
    inputs.insert(inputs.end(), states.begin(), states.end());
    inputs.insert(inputs.end(), flat.begin(), flat.end());
    const bool last = s + 1 == segments.size();
    const Tensors result = last ? run(inputs) : checkpoint(run, inputs);
    outputs[i] = result[0];
    states.assign(result.begin() + 1, result.end());
  }
  return {concat(outputs, 0), states};
}

}  // namespace

Tensors join(const LayerOutput& output) {
  Tensors all{output.y};
  all.insert(all.end(), output.states.begin(), output.states.end());
  return all;
}

LayerOutput split_output(const Tensors& outputs) { return {outputs[0], Tensors(outputs.begin() + 1, outputs.end())}; }

LayerOutput run_layer(const Tensor& x, const Tensors& states, const LayerParameters& parameters, const Packing& packing,
                      const LayerOptions& options) {
  const bool segmented = options.recompute > 0 && packing.steps() > options.recompute && options.trace == nullptr;
  if (segmented) return run_in_segments(x, states, parameters, packing, options);
  return run_at_once(x, states, parameters, packing, options);
}

std::shared_ptr<PackedWeight> make_packed_weight() { return std::make_shared<PackedWeight>(); }

}  // namespace recur
