#include "recur/nn/padded_layer.h"

#include "recur/autograd/trace_graph.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/scan.h"

namespace recur {
namespace {

constexpr size_t kOthers = 3, kParameters = 9;  // inputs of a node before its parameters, and parameters

Tensors inputs_of(const PaddedLayerInput& in, const LayerParameters& p) {
  Tensors all{in.x,      in.lengths,     in.decay,     p.weight_ih, p.weight_hh, p.bias_ih,
              p.bias_hh, p.unit_weights, p.projection, p.norm_ih,   p.norm_hh,   p.norm_inner};
  all.insert(all.end(), in.states.begin(), in.states.end());
  return all;
}

Attributes attributes_of(const PaddedLayerOptions& o) {
  return {{"cell", o.cell->name}, {"reverse", o.reverse}, {"zoneout", o.zoneout}, {"zoneout_inner", o.zoneout_inner}};
}

LayerOptions layer_options(const PaddedLayerOptions& o, DType dtype) {
  const auto share = [dtype](double zoneout) { return zoneout == 0 ? Tensor() : Tensor::scalar(zoneout, dtype); };
  return {.cell = o.cell,
          .reverse = o.reverse,
          .zoneout = share(o.zoneout),
          .zoneout_inner = o.cell->states > 1 ? share(o.zoneout_inner) : Tensor()};
}

Tensors zero_states(int64_t batch, const LayerParameters& p, const Cell& cell) {
  Tensors states{filled({batch, p.weight_hh.size(1)}, 0, p.weight_hh.dtype())};
  for (int k = 1; k < cell.states; ++k)
    states.push_back(filled({batch, p.weight_hh.size(0) / cell.gates}, 0, p.weight_hh.dtype()));
  return states;
}

LayerOutput run_packed(const PaddedLayerInput& in, const LayerParameters& p, const PaddedLayerOptions& options) {
  const Packing packing(in.x.size(0), in.x.size(1), to_lengths(in.lengths));
  LayerOptions own = layer_options(options, in.x.dtype());
  if (in.decay.defined()) own.decay = packing.pack(in.decay);
  Tensors before;
  for (const Tensor& state : in.states.empty() ? zero_states(in.x.size(1), p, *options.cell) : in.states)
    before.push_back(packing.sort(state));
  LayerOutput output = run_layer(packing.pack(in.x), before, p, packing, own);
  for (Tensor& state : output.states) state = packing.unsort(state);
  return {.y = packing.unpack(output.y), .states = std::move(output.states)};
}

// The composed twin: the product of the whole input, then a scan.
LayerOutput run_scanned(const PaddedLayerInput& in, const LayerParameters& p, const PaddedLayerOptions& options) {
  const LayerOptions own = layer_options(options, in.x.dtype());
  Tensors sequences{project_input(in.x, p)};
  if (in.decay.defined()) sequences.push_back(in.decay);
  const ScanStep step = [&](const Tensors& x, const Tensors& before) {
    Tensors made = run_composed_step(x[0], x.size() > 1 ? x[1] : Tensor(), before, p, own);
    made.push_back(made[0]);
    return made;
  };
  ScanResult result = scan(sequences, in.states.empty() ? zero_states(in.x.size(1), p, *options.cell) : in.states, step,
                           {.lengths = in.lengths, .reverse = options.reverse});
  return {.y = result.outputs[0], .states = std::move(result.states)};
}

}  // namespace

LayerOutput run_padded_layer(const PaddedLayerInput& input, const LayerParameters& parameters,
                             const PaddedLayerOptions& options) {
  Trace* trace = tracing();
  if (trace == nullptr) return run_packed(input, parameters, options);
  return split_output(trace->op_with_twin(
      "recurrent_layer", inputs_of(input, parameters), attributes_of(options),
      [&] { return join(run_packed(input, parameters, options)); },
      [&] { return join(run_scanned(input, parameters, options)); }));
}

Tensors run_recurrent_layer_node(const OpCall& call) {
  const Attributes& at = call.attributes;
  const Tensor* p = call.inputs.data() + kOthers;
  if (call.inputs.size() < kOthers + kParameters) fail("recurrent_layer: the node lacks parameters");
  const PaddedLayerInput input{.x = call[0],
                               .lengths = call[1],
                               .decay = call[2],
                               .states = Tensors(p + kParameters, call.inputs.data() + call.inputs.size())};
  return join(run_padded_layer(input, {p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8]},
                               {.cell = &find_cell(at.text("cell")),
                                .reverse = at.flag("reverse"),
                                .zoneout = at.real("zoneout"),
                                .zoneout_inner = at.real("zoneout_inner")}));
}

}  // namespace recur
