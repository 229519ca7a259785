#include "recur/nn/layers/scan_layer.h"

#include <cmath>

#include "recur/autograd/node.h"
#include "recur/autograd/trace_graph.h"
#include "recur/nn/init.h"
#include "recur/nn/pooling.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/scan.h"
#include "recur/ops/sum.h"

namespace recur {

void check_is_plain(std::string_view kind, const RecurrentOptions& o, bool has_chrono) {
  const auto refuse = [&](bool used, const char* option) {
    if (used) fail_usage("recurrent: {} is an option of cells such as lstm; {} has none", option, kind);
  };
  refuse(o.projection > 0, "projection");
  refuse(o.layer_norm, "layer_norm");
  refuse(o.recurrent_dropout > 0, "recurrent_dropout");
  refuse(o.weight_drop > 0, "weight_drop");
  refuse(o.zoneout > 0, "zoneout");
  refuse(o.zoneout_inner > 0, "zoneout_inner");
  refuse(o.recompute > 0, "recompute");
  refuse(o.forget_bias != 0, "forget_bias");
  const bool is_chrono = has_chrono && o.init == "chrono";
  if (has_chrono && o.init != "uniform" && !is_chrono) {
    fail_usage("recurrent: init: expected uniform or chrono of a layer of kind {}, got {}", kind, o.init);
  }
  refuse(o.init != "uniform" && !is_chrono, "init");
}

namespace {

// x as it is; the norm of its gradient is added to `norm`, as a further part of one vector.
Tensor watched(const Tensor& x, double& norm) {
  return autograd::record("watch", {x}, x.detach(), [&norm](const autograd::VjpArgs& in) -> Tensors {
    const autograd::NoGrad no_grad;
    const Tensor grad = in.grad().clone(DType::kF64);  // the squares of small ones are below f32
    norm = std::hypot(norm, std::sqrt(sum(grad * grad).item()));
    return {in.grad()};
  });
}

}  // namespace

ScanLayer::ScanLayer(std::string name, const LayerSpec& spec, bool has_chrono)
    : name_(std::move(name)), reverse_(spec.reverse), input_(spec.input), hidden_(spec.hidden) {
  check_is_plain(name_, spec.options, has_chrono);
}

DType ScanLayer::dtype() const { return parameters()[0].dtype(); }

Parameter ScanLayer::draw_weight(int64_t out, int64_t in, Random& random) {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  Tensor weight = Tensor::empty({out, in});
  init::uniform(weight, -bound, bound, random);
  return Parameter(weight);
}

Parameter ScanLayer::draw_bias(int64_t out, int64_t in, bool wanted, Random& random) {
  if (!wanted) return {};
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  Tensor bias = Tensor::empty({out});
  init::uniform(bias, -bound, bound, random);
  return Parameter(bias);
}

Parameter ScanLayer::draw_gate_bias(int64_t out, int64_t in, MemoryGates gates, const LayerSpec& spec) {
  Parameter bias = draw_bias(out, in, spec.options.bias, spec.random);
  if (spec.options.init != "chrono") return bias;
  if (!spec.options.bias) fail_usage("recurrent: init: chrono sets biases, and there are none; set bias");
  initialize_chrono(*bias, spec.hidden, gates, spec.options.chrono_steps, spec.random);
  return bias;
}

LayerOutput ScanLayer::computed(const Tensor& x, const Tensors& states, const LayerTime& time) const {
  LayerOutput out = compute(x, states, time);
  out.y = finish(out.y, x);
  return out;
}

LayerOutput ScanLayer::run(const LayerInput& input, const Tensors& states, const LayerCall& call) const {
  if (call.packing.packed_rows() == 0) return {Tensor::zeros({0, output_features()}, dtype()), states};
  if (call.trace != nullptr) return run_composed(input.x, states, call.packing, call.trace);
  return computed(input.x, states, PackedTime(call.packing, reverse_));
}

LayerOutput ScanLayer::run_last(const LayerInput& input, const Tensors& states, const LayerCall& call) const {
  if (call.packing.packed_rows() == 0 || call.trace != nullptr) return SequenceLayer::run_last(input, states, call);
  LayerOutput out = compute(input.x, states, PackedTime(call.packing, reverse_));
  const auto last = [&](const Tensor& rows) { return call.packing.last_rows(rows, reverse_); };
  out.y = finish(last(out.y), last(input.x));
  return out;
}

LayerOutput ScanLayer::run_composed(const Tensor& x, const Tensors& states, const Packing& packing,
                                    std::vector<double>* trace) const {
  const int64_t steps = packing.steps();
  if (trace != nullptr) trace->assign(static_cast<size_t>(steps), 0);
  if (steps == 0) return {Tensor::zeros({0, output_features()}, dtype()), states};
  int64_t taken = 0;
  const ScanStep step = [&](const Tensors& now, const Tensors& before) {
    LayerOutput made = computed(now[0], before, StepTime());
    made.states.push_back(made.y);
    const int64_t t = reverse_ ? steps - 1 - taken : taken;
    ++taken;
    if (trace == nullptr) return made.states;
    for (Tensor& part : made.states) part = watched(part, (*trace)[static_cast<size_t>(t)]);
    return made.states;
  };
  ScanResult result = PackedTime(packing, reverse_).loop({x}, states, step);
  return {result.outputs[0], std::move(result.states)};
}

LayerOutput ScanLayer::run_traced(const PaddedLayerInput& input) const {
  if (input.decay.defined()) fail("trace: a layer of kind {} takes no decay", name_);
  const int64_t T = input.x.size(0), B = input.x.size(1);
  Tensors before = input.states;
  if (before.empty())
    for (const Tensor& state : zero_states(B, dtype())) before.push_back(filled(state.shape(), 0, state.dtype()));
  const Tensor x = reshape(input.x, {T * B, input_});
  // A graph of one step for good, since an open T is never traced at 1, needs no loop.
  const bool is_step = T == 1 && !input.lengths.defined();
  LayerOutput out = is_step ? computed(x, before, StepTime())
                            : computed(x, before, PaddedTime(T, B, {.lengths = input.lengths, .reverse = reverse_}));
  out.y = zeros_in_padding(reshape(out.y, {T, B, output_features()}), to_lengths(input.lengths));
  return out;
}

Tensors terms_of_gates(const Tensor& terms, int64_t count) {
  const int axis = terms.rank() - 1;
  return split_every(terms, axis, terms.size(axis) / count);
}

}  // namespace recur
