#include "recur/nn/recurrent.h"

#include <algorithm>

#include "recur/autograd/trace.h"
#include "recur/nn/dropout.h"
#include "recur/nn/layers/block_layer.h"
#include "recur/nn/packing.h"
#include "recur/nn/pooling.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"

namespace recur {
namespace {

void check(const RecurrentOptions& o) {
  if (o.input < 1) fail("recurrent: input: expected at least 1 feature, got {}", o.input);
  if (o.widths.empty() && (o.hidden < 1 || o.layers < 1))
    fail("recurrent: expected at least 1 unit and 1 layer, got hidden {} and layers {}", o.hidden, o.layers);
  for (const int64_t width : o.widths)
    if (width < 1) fail("recurrent: widths: expected at least 1 unit, got {}", width);
  if (!(o.dropout >= 0 && o.dropout < 1))
    fail("recurrent: dropout: expected a probability in [0, 1), got {}", o.dropout);
  if (o.block_conv < 0 || o.block_conv == 1)
    fail_usage("recurrent: block_conv: expected 0 or at least 2 steps, got {}", o.block_conv);
  const bool has_blocks =
      o.blocks.empty() ? o.block != "none" : std::ranges::count(o.blocks, "none") < std::ssize(o.blocks);
  if (o.block_conv > 0 && !has_blocks)
    fail_usage("recurrent: block_conv is part of a block around a layer, and there is none; set block");
}

std::vector<int64_t> widths_of(const RecurrentOptions& o) {
  return o.widths.empty() ? std::vector<int64_t>(static_cast<size_t>(o.layers), o.hidden) : o.widths;
}

std::vector<const LayerKind*> kinds_of(const RecurrentOptions& o, size_t layers, std::span<const LayerKind> among) {
  if (!o.cells.empty() && o.cells.size() != layers)
    fail_usage("recurrent: cells: expected one for each of {} layers, got {}", layers, o.cells.size());
  if (!o.blocks.empty() && o.blocks.size() != layers)
    fail_usage("recurrent: layer_blocks: expected one for each of {} layers, got {}", layers, o.blocks.size());
  std::vector<const LayerKind*> kinds;
  for (size_t l = 0; l < layers; ++l) kinds.push_back(&find_layer_kind(o.cells.empty() ? o.cell : o.cells[l], among));
  for (const LayerKind* kind : kinds)
    if (o.bidirectional && !kind->reverses) fail_usage("recurrent: bidirectional: {} goes forwards only", kind->name);
  return kinds;
}

RecurrentOutput unpacked(RecurrentOutput out, const Packing& packing) {
  out.y = packing.unpack(out.y);
  return out;
}

std::shared_ptr<const SequenceLayer> make_layer(const LayerKind& kind, BlockKind block, const LayerSpec& spec) {
  if (block == BlockKind::kNone) return kind.make(spec);
  return std::make_shared<const BlockLayer>(kind, block, spec);
}

}  // namespace

RecurrentState RecurrentState::detach() const {
  RecurrentState result = *this;
  for (Tensors& states : result.layers)
    for (Tensor& state : states) state = state.detach();
  return result;
}

RecurrentState RecurrentState::reset(const std::vector<uint8_t>& keep) const {
  const auto batch = static_cast<int64_t>(keep.size());
  RecurrentState result = *this;
  for (Tensors& states : result.layers)
    for (Tensor& state : states) {
      if (state.size(0) != batch) fail("reset: expected {} flags, got {}", state.size(0), batch);
      Shape flags{batch};
      while (flags.rank() < state.rank()) flags = flags.inserted(flags.rank(), 1);
      // Chosen, not multiplied: a stream that ran into NaN starts from zeros too.
      state = where(Tensor::from(keep, flags), state, Tensor::zeros({}, state.dtype()));
    }
  return result;
}

Recurrent::Recurrent(const RecurrentOptions& options, Random& random, std::span<const LayerKind> kinds)
    : options_(options) {
  check(options);
  const std::vector<int64_t> widths = widths_of(options);
  const std::vector<const LayerKind*> chosen = kinds_of(options, widths.size(), kinds);
  int64_t input = options.input;
  for (size_t l = 0; l < widths.size(); ++l) {
    int64_t output = 0;
    for (size_t d = 0; d < directions(); ++d) {
      layers_.push_back(
          make_layer(*chosen[l], block_of(options, l),
                     {.input = input, .hidden = widths[l], .reverse = d == 1, .options = options, .random = random}));
      register_part(fmt::format("_l{}{}", l, d == 1 ? "_reverse" : ""), *layers_.back());
      output += layers_.back()->output_features();
    }
    input = output;
  }
  output_features_ = input;
}

RecurrentState Recurrent::zero_state(int64_t batch, DType dtype) const {
  RecurrentState state;
  for (const auto& layer : layers_) state.layers.push_back(layer->zero_states(batch, dtype));
  return state;
}

// --- checks -------------------------------------------------------------------------------------------------------

void Recurrent::check_call(const Shape& x, DType dtype, const RunOptions& run) const {
  if (x.rank() != 3 || x[2] != options_.input)
    fail("recurrent: x: expected [T, B, {}], got {}", options_.input, x.str());
  if (const DType own = layers_[0]->dtype(); dtype != own)
    fail("recurrent: x: expected {}, as the weights are, got {}", name_of(own), name_of(dtype));
  if (run.state.defined()) check_state(run.state, x[1], dtype);
  if (!run.decay.empty()) check_decay(run.decay, x, dtype);
}

void Recurrent::check_state(const RecurrentState& state, int64_t batch, DType dtype) const {
  if (state.layers.size() != layers_.size())
    fail("recurrent: state: expected {} layers and directions, got {}", layers_.size(), state.layers.size());
  for (size_t l = 0; l < layers_.size(); ++l) {
    const Tensors expected = layers_[l]->zero_states(batch, dtype), &parts = state.layers[l];
    if (parts.size() != expected.size())
      fail("recurrent: state of layer {}: expected {} parts, got {}", l, expected.size(), parts.size());
    for (size_t k = 0; k < expected.size(); ++k) {
      const Shape got = parts[k].defined() ? parts[k].shape() : Shape();
      Shape want = expected[k].shape();
      if (const int axis = layers_[l]->growing_axis(k); axis >= 0 && got.rank() == want.rank()) want[axis] = got[axis];
      if (got != want) fail("recurrent: state {} of layer {}: expected {}, got {}", k, l, want.str(), got.str());
      if (parts[k].dtype() != dtype)
        fail("recurrent: state {} of layer {}: expected {}, got {}", k, l, name_of(dtype), name_of(parts[k].dtype()));
    }
  }
}

void Recurrent::check_decay(const Tensors& decay, const Shape& x, DType dtype) const {
  if (decay.size() != layers_.size())
    fail("recurrent: decay: expected one for each of {} layers and directions, got {}", layers_.size(), decay.size());
  for (size_t l = 0; l < decay.size(); ++l) {
    if (!decay[l].defined()) continue;
    const int64_t features = layers_[l]->decay_features();
    if (features == 0) fail("recurrent: decay of layer {}: {} takes none", l, layers_[l]->kind());
    const Shape want{x[0], x[1], features};
    if (decay[l].shape() != want)
      fail("recurrent: decay of layer {}: expected {}, got {}", l, want.str(), decay[l].shape().str());
    if (decay[l].dtype() != dtype)
      fail("recurrent: decay of layer {}: expected {}, got {}", l, name_of(dtype), name_of(decay[l].dtype()));
  }
}

// --- running ------------------------------------------------------------------------------------------------------

RecurrentOutput Recurrent::operator()(const Tensor& x, const RunOptions& run) const {
  check_call(x.shape(), x.dtype(), run);
  if (tracing() != nullptr) return run_traced(x, run);
  const Packing packing(x.size(0), x.size(1), run.lengths);
  return unpacked(run_layers({.x = packing.pack(x)}, packing, run), packing);
}

Tensor Recurrent::last(const Tensor& x, const RunOptions& run) const {
  check_call(x.shape(), x.dtype(), run);
  if (tracing() != nullptr) return pool_last(run_traced(x, run).y, run.lengths, options_.bidirectional);
  const Packing packing(x.size(0), x.size(1), run.lengths);
  return packing.unsort_rows(run_layers({.x = packing.pack(x)}, packing, run, OutputSteps::kLast).y);
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
  const LayerInput input = reads_table(table.size(0), packing, run) ? LayerInput{.x = table, .ids = packed}
                                                                    : LayerInput{.x = embedding(table, packed)};
  return unpacked(run_layers(input, packing, run), packing);
}

// Whether all directions of the first layer would rather have the table.
bool Recurrent::reads_table(int64_t rows, const Packing& packing, const RunOptions& run) const {
  const LayerCall call{.packing = packing, .mode = run.mode};
  return std::all_of(layers_.begin(), layers_.begin() + static_cast<std::ptrdiff_t>(directions()),
                     [&](const auto& layer) { return layer->reads_table(rows, call); });
}

LayerCall Recurrent::call_of(size_t layer, const Packing& packing, const RunOptions& run) const {
  LayerCall call{.packing = packing, .mode = run.mode};
  if (!run.decay.empty() && run.decay[layer].defined()) call.decay = packing.pack(run.decay[layer]);
  if (run.trace != nullptr) call.trace = &run.trace->norms[layer];
  return call;
}

RecurrentOutput Recurrent::run_layers(LayerInput input, const Packing& packing, const RunOptions& run,
                                      OutputSteps steps) const {
  RecurrentState state = run.state.defined() ? run.state : zero_state(packing.batch(), input.x.dtype());
  if (run.trace != nullptr) run.trace->norms.assign(layers_.size(), {});
  for (size_t first = 0; first < layers_.size(); first += directions()) {
    const bool only_last = steps == OutputSteps::kLast && first + directions() == layers_.size();
    if (first > 0) input.x = drop(input.x, first / directions(), packing, run.mode);
    Tensors sides;
    for (size_t i = first; i < first + directions(); ++i) {
      Tensors before;
      for (const Tensor& part : state.layers[i]) before.push_back(packing.sort(part));
      const LayerCall call = call_of(i, packing, run);
      LayerOutput output = only_last ? layers_[i]->run_last(input, before, call) : layers_[i]->run(input, before, call);
      sides.push_back(output.y);
      for (Tensor& part : output.states) part = packing.unsort(part);
      state.layers[i] = std::move(output.states);
    }
    input = {.x = concat(sides, 1)};
  }
  return {input.x, std::move(state)};
}

// Before a layer, on packed rows; blocks drop what they add instead.
Tensor Recurrent::drop(const Tensor& x, size_t layer, const Packing& packing, Mode mode) const {
  if (block_of(options_, layer) != BlockKind::kNone) return x;
  return drop_packed(x, packing, options_.dropout, options_.locked_dropout, mode);
}

}  // namespace recur
