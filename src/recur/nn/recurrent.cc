#include "recur/nn/recurrent.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/suggest.h"
#include "recur/nn/stepped_layer.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/dropout.h"
#include "recur/ops/embedding.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"

namespace recur {
namespace {

void check_init(const std::string& name) {
  static constexpr std::string_view kKnown[] = {"uniform", "orthogonal", "identity", "chrono"};
  if (std::ranges::find(kKnown, name) == std::end(kKnown))
    fail_usage("recurrent: unknown init '{}'{}; known: {}", name, did_you_mean(name, kKnown), fmt::join(kKnown, ", "));
}

void check_probability(const char* name, float p) {
  if (!(p >= 0 && p < 1)) fail("recurrent: {}: expected a probability in [0, 1), got {}", name, p);
}

void check(const RecurrentOptions& o) {
  if (o.input < 1) fail("recurrent: input: expected at least 1 feature, got {}", o.input);
  if (o.widths.empty() && (o.hidden < 1 || o.layers < 1))
    fail("recurrent: expected at least 1 unit and 1 layer, got hidden {} and layers {}", o.hidden, o.layers);
  for (const int64_t width : o.widths)
    if (width < 1) fail("recurrent: widths: expected at least 1 unit, got {}", width);
  if (o.projection < 0) fail("recurrent: projection: expected 0 or more, got {}", o.projection);
  check_init(o.init);
  check_probability("dropout", o.dropout);
  check_probability("recurrent_dropout", o.recurrent_dropout);
  check_probability("weight_drop", o.weight_drop);
  check_probability("zoneout", o.zoneout);
  check_probability("zoneout_inner", o.zoneout_inner);
  if (o.recompute < 0) fail("recurrent: recompute: expected 0 or more steps, got {}", o.recompute);
}

std::vector<int64_t> widths_of(const RecurrentOptions& o) {
  return o.widths.empty() ? std::vector<int64_t>(static_cast<size_t>(o.layers), o.hidden) : o.widths;
}

std::vector<const Cell*> cells_of(const RecurrentOptions& o, size_t layers) {
  if (!o.cells.empty() && o.cells.size() != layers)
    fail("recurrent: cells: expected one for each of {} layers, got {}", layers, o.cells.size());
  std::vector<const Cell*> result;
  for (size_t l = 0; l < layers; ++l) result.push_back(&find_cell(o.cells.empty() ? o.cell : o.cells[l]));
  for (const Cell* cell : result) {
    if (o.projection > 0 && cell->states < 2)
      fail("recurrent: projection needs a cell with an inner state, such as lstm; {} has none", cell->name);
  }
  return result;
}

// --- initial values -----------------------------------------------------------------------------------------------

// f(block, gate) for the rows of each gate.
template <class F>
void for_each_gate(const Tensor& weight, int gates, F&& f) {
  const int64_t hidden = weight.size(0) / gates;
  for (int g = 0; g < gates; ++g) f(rows(weight.detach(), g * hidden, (g + 1) * hidden), g);
}

void initialize_weights(LayerParameters& p, const Cell& cell, const RecurrentOptions& o, Random& random) {
  const double bound = 1 / std::sqrt(static_cast<double>(p.weight_hh.size(0)) / cell.gates);
  for (const Tensor& t : {p.weight_ih, p.weight_hh, p.bias_ih, p.bias_hh, p.projection, p.unit_weights})
    if (t.defined()) init::uniform(t, -bound, bound, random);
  const bool structured = o.init == "orthogonal" || o.init == "identity";
  if (!structured) return;
  for (const Tensor& t : {p.bias_ih, p.bias_hh})
    if (t.defined()) init::constant(t, 0);
  if (o.init == "identity") init::normal(p.weight_ih, 0, 0.001, random);
  for_each_gate(p.weight_hh, cell.gates, [&](const Tensor& block, int) {
    if (o.init == "identity")
      init::identity(block);
    else
      init::orthogonal(block, random);
  });
  if (o.init == "orthogonal")
    for_each_gate(p.weight_ih, cell.gates, [&](const Tensor& block, int) { init::xavier_uniform(block, random); });
}

// Tallec and Ollivier 2018, "Can recurrent neural networks warp time?", eq. 16: memory of 1 .. chrono_steps steps.
void initialize_chrono(LayerParameters& p, const Cell& cell, const RecurrentOptions& o, Random& random) {
  if (cell.forget_gate < 0 || !p.bias_ih.defined())
    fail("recurrent: init chrono needs a cell with a forget gate and biases, got {}", cell.name);
  if (o.chrono_steps < 3) fail("recurrent: chrono_steps: expected at least 3, got {}", o.chrono_steps);
  const int64_t hidden = p.bias_ih.size(0) / cell.gates;
  Tensor memory = Tensor::empty({hidden}, p.bias_ih.dtype());
  init::uniform(memory, 1, static_cast<double>(o.chrono_steps - 1), random);
  const Tensor forget = log(memory);
  init::constant(p.bias_ih, 0);
  init::constant(p.bias_hh, 0);
  rows(p.bias_ih.detach(), cell.forget_gate * hidden, (cell.forget_gate + 1) * hidden).copy_from(forget);
  if (cell.input_gate >= 0)
    rows(p.bias_ih.detach(), cell.input_gate * hidden, (cell.input_gate + 1) * hidden).copy_from(-forget);
}

void add_forget_bias(LayerParameters& p, const Cell& cell, double bias) {
  if (bias == 0) return;
  if (cell.forget_gate < 0 || !p.bias_ih.defined())
    fail("recurrent: forget_bias needs a cell with a forget gate and biases, got {}", cell.name);
  for_each_gate(p.bias_ih, cell.gates, [&](Tensor block, int g) {
    if (g == cell.forget_gate) block.copy_from(block + bias);
  });
}

Tensor unit_norm(int64_t size) { return stack({Tensor::ones({size}), Tensor::zeros({size})}, 0); }

LayerParameters make_layer(int64_t input, int64_t hidden, const Cell& cell, const RecurrentOptions& o, Random& random) {
  const int64_t G = cell.gates, P = o.projection > 0 ? o.projection : hidden;
  LayerParameters p;
  p.weight_ih = Tensor::empty({G * hidden, input});
  p.weight_hh = Tensor::empty({G * hidden, P});
  if (o.bias) p.bias_ih = Tensor::empty({G * hidden});
  if (o.bias) p.bias_hh = Tensor::empty({G * hidden});
  if (o.projection > 0) p.projection = Tensor::empty({P, hidden});
  if (!cell.unit_weights.empty())
    p.unit_weights = Tensor::empty({static_cast<int64_t>(cell.unit_weights.size()), hidden});
  initialize_weights(p, cell, o, random);
  if (o.init == "chrono") initialize_chrono(p, cell, o, random);
  add_forget_bias(p, cell, o.forget_bias);
  if (!o.layer_norm) return p;
  p.norm_ih = unit_norm(G * hidden);
  p.norm_hh = unit_norm(G * hidden);
  if (cell.states > 1) p.norm_inner = unit_norm(hidden);
  return p;
}

}  // namespace

RecurrentState RecurrentState::detach() const {
  RecurrentState result = *this;
  for (Tensors& states : result.layers)
    for (Tensor& state : states) state = state.detach();
  return result;
}

RecurrentState RecurrentState::reset(const std::vector<uint8_t>& keep) const {
  RecurrentState result = *this;
  for (Tensors& states : result.layers)
    for (Tensor& state : states) {
      if (state.size(0) != static_cast<int64_t>(keep.size()))
        fail("reset: expected {} flags, got {}", state.size(0), keep.size());
      // Chosen, not multiplied: a stream that ran into NaN starts from zeros too.
      state = where(Tensor::from(keep, {state.size(0), 1}), state, Tensor::zeros({}, state.dtype()));
    }
  return result;
}

Recurrent::Recurrent(const RecurrentOptions& options, Random& random) : options_(options) {
  check(options);
  const std::vector<int64_t> widths = widths_of(options);
  const std::vector<const Cell*> cells = cells_of(options, widths.size());
  int64_t input = options.input;
  for (size_t l = 0; l < widths.size(); ++l) {
    for (int d = 0; d < (options.bidirectional ? 2 : 1); ++d)
      add_layer({.cell = cells[l],
                 .parameters = make_layer(input, widths[l], *cells[l], options, random),
                 .packed = make_packed_weight(),
                 .stepped = std::make_shared<SteppedLayer>()},
                fmt::format("_l{}{}", l, d == 1 ? "_reverse" : ""));
    input = (options.projection > 0 ? options.projection : widths[l]) * (options.bidirectional ? 2 : 1);
  }
  output_features_ = input;
}

void Recurrent::add_layer(Layer layer, const std::string& suffix) {
  const LayerParameters& p = layer.parameters;
  register_parameter("weight_ih" + suffix, p.weight_ih);
  register_parameter("weight_hh" + suffix, p.weight_hh);
  register_parameter("bias_ih" + suffix, p.bias_ih);
  register_parameter("bias_hh" + suffix, p.bias_hh);
  register_parameter("weight_hr" + suffix, p.projection);
  register_parameter("peephole" + suffix, p.unit_weights);
  register_parameter("norm_ih" + suffix, p.norm_ih);
  register_parameter("norm_hh" + suffix, p.norm_hh);
  register_parameter("norm_inner" + suffix, p.norm_inner);
  layers_.push_back(std::move(layer));
}

RecurrentState Recurrent::zero_state(int64_t batch, DType dtype) const {
  RecurrentState state;
  for (const Layer& layer : layers_) {
    const LayerParameters& p = layer.parameters;
    Tensors parts{Tensor::zeros({batch, p.weight_hh.size(1)}, dtype)};
    for (int k = 1; k < layer.cell->states; ++k)
      parts.push_back(Tensor::zeros({batch, p.weight_hh.size(0) / layer.cell->gates}, dtype));
    state.layers.push_back(std::move(parts));
  }
  return state;
}

void Recurrent::check_call(const Shape& x, DType dtype, const RunOptions& run) const {
  if (x.rank() != 3 || x[2] != options_.input)
    fail("recurrent: x: expected [T, B, {}], got {}", options_.input, x.str());
  if (const DType own = layers_[0].parameters.weight_ih.dtype(); dtype != own)
    fail("recurrent: x: expected {} like the weights, got {}", name_of(own), name_of(dtype));
  if (run.state.defined()) check_state(run.state, x[1], dtype);
  if (!run.decay.empty()) check_decay(run.decay, x, dtype);
}

void Recurrent::check_state(const RecurrentState& state, int64_t batch, DType dtype) const {
  const RecurrentState expected = zero_state(batch, dtype);
  if (state.layers.size() != expected.layers.size())
    fail("recurrent: state: expected {} layers and directions, got {}", expected.layers.size(), state.layers.size());
  for (size_t l = 0; l < expected.layers.size(); ++l) {
    if (state.layers[l].size() != expected.layers[l].size())
      fail("recurrent: state of layer {}: expected {} parts, got {}", l, expected.layers[l].size(),
           state.layers[l].size());
    for (size_t k = 0; k < expected.layers[l].size(); ++k) {
      const Tensor &want = expected.layers[l][k], &part = state.layers[l][k];
      const Shape got = part.defined() ? part.shape() : Shape();
      if (got != want.shape())
        fail("recurrent: state {} of layer {}: expected {}, got {}", k, l, want.shape().str(), got.str());
      if (part.dtype() != dtype)
        fail("recurrent: state {} of layer {}: expected {}, got {}", k, l, name_of(dtype), name_of(part.dtype()));
    }
  }
}

void Recurrent::check_decay(const Tensors& decay, const Shape& x, DType dtype) const {
  if (decay.size() != layers_.size())
    fail("recurrent: decay: expected one for each of {} layers and directions, got {}", layers_.size(), decay.size());
  for (size_t l = 0; l < decay.size(); ++l) {
    if (!decay[l].defined()) continue;
    const Shape want{x[0], x[1], layers_[l].parameters.weight_hh.size(1)};
    if (decay[l].shape() != want)
      fail("recurrent: decay of layer {}: expected {}, got {}", l, want.str(), decay[l].shape().str());
    if (decay[l].dtype() != dtype)
      fail("recurrent: decay of layer {}: expected {}, got {}", l, name_of(dtype), name_of(decay[l].dtype()));
  }
}

// What dropout and zoneout make of one layer's call.
LayerOptions Recurrent::layer_options(const Layer& layer, const Packing& packing, const Tensor& x,
                                      const RunOptions& run) const {
  LayerOptions o{.cell = layer.cell, .recompute = options_.recompute, .packed = layer.packed};
  const LayerParameters& p = layer.parameters;
  const int64_t B = packing.batch(), P = p.weight_hh.size(1), H = p.weight_hh.size(0) / layer.cell->gates;
  const auto zoneout = [&](float share, int64_t width) {
    if (share == 0) return Tensor();
    if (!run.mode.is_training()) return Tensor::scalar(share, x.dtype());
    return step(dropout_mask({packing.steps(), B, width}, 1 - share, run.mode.random(), x.dtype()));
  };
  if (run.mode.dropout(options_.recurrent_dropout) > 0)
    o.recurrent_mask = dropout_mask({B, P}, options_.recurrent_dropout, run.mode.random(), x.dtype());
  o.zoneout = zoneout(options_.zoneout, P);
  if (layer.cell->states > 1) o.zoneout_inner = zoneout(options_.zoneout_inner, H);
  return o;
}

// Between layers, on packed rows.
Tensor Recurrent::drop(const Tensor& x, const Packing& packing, const RunOptions& run) const {
  if (run.mode.dropout(options_.dropout) == 0) return x;
  if (!options_.locked_dropout) return dropout(x, options_.dropout, run.mode.random());
  const Tensor mask = dropout_mask({packing.batch(), x.size(1)}, options_.dropout, run.mode.random(), x.dtype());
  Tensors steps;
  for (int64_t t = 0; t < packing.steps(); ++t) steps.push_back(rows(mask, 0, packing.rows(t)));
  return steps.empty() ? x : x * concat(steps, 0);
}

LayerParameters Recurrent::dropped_weights(const Layer& layer, const RunOptions& run) const {
  LayerParameters p = layer.parameters;
  if (run.mode.dropout(options_.weight_drop) > 0)
    p.weight_hh = dropout(p.weight_hh, options_.weight_drop, run.mode.random());
  return p;
}

StreamLayerOptions Recurrent::step_options(const Layer& layer, kernels::WeightFormat weights) const {
  return {.cell = layer.cell, .zoneout = options_.zoneout, .zoneout_inner = options_.zoneout_inner, .weights = weights};
}

bool Recurrent::runs_in_int8(DType dtype, Mode mode) const {
  return infers_in_int8() && !mode.is_training() && !autograd::recording() && dtype == DType::kF32;
}

LayerOutput Recurrent::run_one(const Layer& layer, const Tensor& x, const Tensors& states, const Packing& packing,
                               const LayerOptions& options, const RunOptions& run) const {
  if (!runs_in_int8(x.dtype(), run.mode) || options.decay.defined())
    return run_layer(x, states, dropped_weights(layer, run), packing, options);
  const auto kernel = layer.stepped->packed(layer.parameters, step_options(layer, kernels::WeightFormat::kI8));
  return run_steps(*kernel, x, states, packing, options.reverse);
}

RecurrentOutput Recurrent::operator()(const Tensor& x, const RunOptions& run) const {
  check_call(x.shape(), x.dtype(), run);
  if (tracing() != nullptr) return run_traced(x, run);
  const Packing packing(x.size(0), x.size(1), run.lengths);
  return run_layers({.x = packing.pack(x)}, packing, run);
}

RecurrentOutput Recurrent::operator()(const Symbols& symbols, const RunOptions& run) const {
  const auto& [ids, table] = symbols;
  if (ids.rank() != 2 || table.rank() != 2)
    fail("recurrent: symbols: expected ids [T, B] and a table [V, {}], got {} and {}", options_.input,
         ids.shape().str(), table.shape().str());
  check_call(ids.shape().inserted(2, table.size(1)), table.dtype(), run);
  if (tracing() != nullptr) return run_traced(embedding(table, ids), run);
  const Packing packing(ids.size(0), ids.size(1), run.lengths);
  const Tensor packed = reshape(packing.pack(reshape(ids, ids.shape().inserted(2, 1))), Shape{packing.packed_rows()});
  // Recomputation keeps each layer's input, and x is smaller than its product.
  const bool over_table =
      2 * table.size(0) <= packing.packed_rows() && options_.recompute == 0 && !runs_in_int8(table.dtype(), run.mode);
  if (!over_table) return run_layers({.x = embedding(table, packed)}, packing, run);
  return run_layers({.x = table, .ids = packed}, packing, run);
}

LayerOutput Recurrent::run_over_table(const Layer& layer, const FirstInput& input, const Tensors& states,
                                      const Packing& packing, const LayerOptions& options,
                                      const RunOptions& run) const {
  LayerParameters parameters = dropped_weights(layer, run);
  const Tensor x = embedding(matmul(input.x, parameters.weight_ih, {.trans_b = true}), input.ids);
  parameters.weight_ih = {};
  return run_layer(x, states, parameters, packing, options);
}

RecurrentOutput Recurrent::run_layers(const FirstInput& input, const Packing& packing, const RunOptions& run) const {
  Tensor y = input.x;
  RecurrentState state = run.state.defined() ? run.state : zero_state(packing.batch(), y.dtype());
  if (run.trace != nullptr) run.trace->norms.assign(layers_.size(), {});
  const size_t directions = options_.bidirectional ? 2 : 1;
  for (size_t first = 0; first < layers_.size(); first += directions) {
    if (first > 0) y = drop(y, packing, run);
    Tensors sides;
    for (size_t i = first; i < first + directions; ++i) {
      const Layer& layer = layers_[i];
      LayerOptions options = layer_options(layer, packing, y, run);
      options.reverse = i > first;
      if (!run.decay.empty() && run.decay[i].defined()) options.decay = packing.pack(run.decay[i]);
      if (run.trace != nullptr) options.trace = &run.trace->norms[i];
      Tensors before;
      for (const Tensor& part : state.layers[i]) before.push_back(packing.sort(part));
      LayerOutput output = first == 0 && input.ids.defined()
                               ? run_over_table(layer, input, before, packing, options, run)
                               : run_one(layer, y, before, packing, options, run);
      sides.push_back(output.y);
      for (Tensor& part : output.states) part = packing.unsort(part);
      state.layers[i] = std::move(output.states);
    }
    y = concat(sides, 1);
  }
  return {packing.unpack(y), std::move(state)};
}

}  // namespace recur
