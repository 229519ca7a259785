#include "recur/nn/layers/block_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "recur/autograd/trace_graph.h"
#include "recur/base/counted.h"
#include "recur/base/suggest.h"
#include "recur/kernels/kernels.h"
#include "recur/nn/dropout.h"
#include "recur/nn/init.h"
#include "recur/nn/layers/array_stepper.h"
#include "recur/nn/layers/memory_layer.h"
#include "recur/nn/pooling.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

constexpr double kBlockNormEpsilon = 1e-5;  // LayerNorm's own

// Units between the maps of the feed-forward part; 4/3 H are rounded up to a multiple of 8, so that vectors are full.
int64_t units_between(BlockKind block, int64_t hidden) {
  if (block == BlockKind::kFeedForward) return 2 * hidden;
  constexpr int64_t kLane = 8;
  return (4 * hidden / 3 + kLane - 1) / kLane * kLane;
}

int64_t units_of_block(int64_t hidden) {
  if (hidden < 2)
    fail_usage(
        "recurrent: hidden: expected at least 2 units in a block: layer normalisation makes a single one 0, got {}",
        hidden);
  return hidden;
}

LayerSpec inner_spec(BlockKind block, const LayerSpec& spec) {
  const int64_t units = block == BlockKind::kXlstmUp ? 2 * spec.hidden : spec.hidden;
  return {.input = units, .hidden = units, .reverse = spec.reverse, .options = spec.options, .random = spec.random};
}

// A norm and an affine map, as they were.
struct BlockWeights {
  StepAffine enter = {};  // where has_enter
  bool has_enter = false, feeds = false, gated = false;
  Tensor norm, norm_bias;  // [H]
  int64_t read = 0;        // features that the layer reads
  bool has_up = false;
  StepAffine up = {};  // where has_up: the gate's map and that of what the layer reads, side by side
  Tensor skip = {};    // [read] there
  StepConv conv = {};  // of 0 steps: none
  int64_t heads = 0;
  Tensor heads_norm = {};  // [what the layer gives], where there are heads
  StepAffine leave;
  Tensor feed_norm = {}, feed_norm_bias = {};
  int64_t between = 0;                // units
  StepAffine wide = {}, narrow = {};  // gated: wide is the gate's map and that of what it multiplies, side by side
};

int64_t largest_scratch(const BlockWeights& w, int64_t streams) {
  int64_t most = w.leave.scratch_size(streams);
  if (w.has_enter) most = std::max(most, w.enter.scratch_size(streams));
  if (w.has_up) most = std::max(most, w.up.scratch_size(streams));
  if (w.feeds) most = std::max({most, w.wide.scratch_size(streams), w.narrow.scratch_size(streams)});
  return most;
}

// Both maps of the same input.
StepAffine both_maps(const Linear& a, const Linear& b, WeightFormat format) {
  const Tensor bias = a.bias->defined() ? concat({a.bias, b.bias}, 0) : Tensor();
  return StepAffine(concat({a.weight, b.weight}, 0), bias, format);
}

class BlockStepper : public ArrayStepper {
 public:
  BlockStepper(BlockWeights weights, std::shared_ptr<const Stepper> inner, int64_t hidden, int64_t streams)
      : ArrayStepper(streams, conv_zeros(weights), hidden),
        w_(std::move(weights)),
        inner_(std::move(inner)),
        hidden_(hidden),
        entered_(w_.has_enter ? place(streams * w_.enter.stride()) : 0),
        normal_(place(streams * hidden)),
        up_(w_.has_up ? place(streams * w_.up.stride()) : 0),
        added_(place(streams * std::max(w_.leave.stride(), w_.feeds ? w_.narrow.stride() : 0))),
        by_head_(w_.heads > 0 ? place(streams * w_.heads_norm.numel()) : 0),
        wide_(w_.feeds ? place(streams * w_.wide.stride()) : 0),
        row_(place(w_.read)),
        spare_(place(std::max(inner_->scratch_size(), largest_scratch(w_, streams)))) {}

  StepState zero_state() const override {
    StepState state = ArrayStepper::zero_state();
    state.inner.push_back(inner_->zero_state());
    return state;
  }
  void reset(StepState& state) const override {
    std::ranges::fill(state.values, 0.0f);
    inner_->reset(state.inner[0]);
  }
  // The inner layer's, then the convolution's.
  Tensors read(const StepState& state, int64_t first, int64_t count) const override {
    Tensors states = inner_->read(state.inner[0], first, count);
    for (Tensor& own : ArrayStepper::read(state, first, count)) states.push_back(std::move(own));
    return states;
  }
  void write(const Tensors& from, int64_t first, StepState& state) const override {
    const auto own = from.end() - std::max<int64_t>(w_.conv.steps() - 1, 0);
    inner_->write(Tensors(from.begin(), own), first, state.inner[0]);
    ArrayStepper::write(Tensors(own, from.end()), first, state);
  }
  int64_t weight_bytes() const override {
    int64_t bytes = inner_->weight_bytes() + w_.leave.bytes();
    if (w_.has_enter) bytes += w_.enter.bytes();
    if (w_.has_up) bytes += w_.up.bytes();
    if (w_.feeds) bytes += w_.wide.bytes() + w_.narrow.bytes();
    return bytes;
  }

  StepRows step(StepRows x, StepState& state, float* scratch) const override {
    float *const spare = scratch + spare_, *const y = output(state);
    const StepRows u = w_.has_enter ? w_.enter(streams(), x, scratch + entered_, spare) : x;
    for (int64_t b = 0; b < streams(); ++b) std::copy_n(u.at + b * u.stride, hidden_, y + b * hidden_);
    normalize(y, w_.norm, w_.norm_bias, scratch + normal_);
    const int64_t stride = w_.has_up ? w_.up.stride() : hidden_;
    float* const read = w_.has_up ? widened(scratch, spare) : scratch + normal_;
    if (w_.conv.steps() > 0) convolve(read, stride, state, scratch + row_);
    StepRows h = inner_->step({read, stride}, state.inner[0], spare);
    if (w_.heads > 0) h = normalize_heads(h, scratch + by_head_);
    if (w_.has_up) skip_and_gate(scratch + up_, scratch + by_head_);
    add(w_.leave(streams(), h, scratch + added_, spare), y);
    if (w_.feeds) {
      normalize(y, w_.feed_norm, w_.feed_norm_bias, scratch + normal_);
      add(w_.narrow(streams(), between(scratch, spare), scratch + added_, spare), y);
    }
    return output_rows(state);
  }

 private:
  static Tensors conv_zeros(const BlockWeights& w) {
    return Tensors(static_cast<size_t>(std::max<int64_t>(w.conv.steps() - 1, 0)), Tensor::zeros({1, w.read}));
  }

  // Puts silu(W_g norm(u)) and W_u norm(u) side by side into each row; gives where the latter begins in the first.
  float* widened(float* scratch, float* spare) const {
    w_.up(streams(), {scratch + normal_, hidden_}, scratch + up_, spare);
    for (int64_t b = 0; b < streams(); ++b) {
      float* const gate = scratch + up_ + b * w_.up.stride();
      std::copy_n(gate, w_.read, scratch + row_);
      sigmoid_of(gate, w_.read);
      for (int64_t j = 0; j < w_.read; ++j) gate[j] *= scratch[row_ + j];
    }
    return scratch + up_ + w_.read;
  }
  // heads = (heads + skip . read) . gate, where each row of `up` has the gate and what the layer read.
  void skip_and_gate(const float* up, float* heads) const {
    const float* skip = w_.skip.data<float>();
    for (int64_t b = 0; b < streams(); ++b) {
      const float *gate = up + b * w_.up.stride(), *read = gate + w_.read;
      float* const h = heads + b * w_.read;
      for (int64_t j = 0; j < w_.read; ++j) h[j] = (h[j] + skip[j] * read[j]) * gate[j];
    }
  }

  void convolve(float* rows, int64_t row_stride, StepState& state, float* row) const {
    const int64_t stride = w_.conv.steps() > 2 ? part(state, 1, 0) - part(state, 0, 0) : 0;
    for (int64_t b = 0; b < streams(); ++b) {
      float* const x = rows + b * row_stride;
      w_.conv(x, part(state, 0, b), stride, row);
      std::copy_n(x, w_.read, row);
      sigmoid_of(row, w_.read);
      for (int64_t j = 0; j < w_.read; ++j) x[j] *= row[j];
    }
  }

  // What the feed-forward part has between its maps, of its norm's rows.
  StepRows between(float* scratch, float* spare) const {
    const StepRows wide = w_.wide(streams(), {scratch + normal_, hidden_}, scratch + wide_, spare);
    for (int64_t b = 0; b < streams(); ++b) {
      float* const row = scratch + wide_ + b * wide.stride;
      gelu_tanh_of(row, w_.between);
      for (int64_t j = 0; w_.gated && j < w_.between; ++j) row[j] *= row[w_.between + j];
    }
    return wide;
  }

  void normalize(const float* from, const Tensor& weight, const Tensor& bias, float* to) const {
    for (int64_t b = 0; b < streams(); ++b)
      normalize_row(from + b * hidden_, hidden_, weight.data<float>(), bias.data<float>(), to + b * hidden_);
  }
  StepRows normalize_heads(StepRows h, float* to) const {
    const int64_t units = w_.heads_norm.numel(), size = units / w_.heads;
    const float* weight = w_.heads_norm.data<float>();
    for (int64_t b = 0; b < streams(); ++b)
      for (int64_t at = 0; at < units; at += size)
        normalize_row(h.at + b * h.stride + at, size, weight + at, nullptr, to + b * units + at);
    return {to, units};
  }
  static void normalize_row(const float* from, int64_t n, const float* weight, const float* bias, float* to) {
    float mean = 0, scale = 0;
    kernels::table<float>().layer_norm(
        {.rows = 1, .n = n, .x = from, .weight = weight, .bias = bias, .eps = static_cast<float>(kBlockNormEpsilon)},
        to, &mean, &scale);
  }
  void add(StepRows what, float* to) const {
    for (int64_t b = 0; b < streams(); ++b)
      for (int64_t j = 0; j < hidden_; ++j) to[b * hidden_ + j] += what.at[b * what.stride + j];
  }

  BlockWeights w_;
  std::shared_ptr<const Stepper> inner_;
  int64_t hidden_, entered_, normal_, up_, added_, by_head_, wide_, row_, spare_;
};

}  // namespace

std::span<const std::string_view> block_names() {
  static constexpr std::array<std::string_view, 5> kNames = {"none", "residual", "feed_forward", "xlstm", "xlstm_up"};
  return kNames;
}

BlockKind block_of(const RecurrentOptions& options, size_t layer) {
  const std::span<const std::string_view> known = block_names();
  const std::string& name = options.blocks.empty() ? options.block : options.blocks.at(layer);
  const auto at = std::ranges::find(known, name);
  if (at == known.end())
    fail_usage("recurrent: unknown block '{}'{}; known: {}", name, did_you_mean(name, known), fmt::join(known, ", "));
  return static_cast<BlockKind>(at - known.begin());
}

BlockLayer::BlockLayer(const LayerKind& kind, BlockKind block, const LayerSpec& spec)
    : input_(spec.input),
      hidden_(units_of_block(spec.hidden)),
      dropout_(spec.options.dropout),
      locked_(spec.options.locked_dropout),
      norm_({.features = spec.hidden, .epsilon = kBlockNormEpsilon}),
      inner_(kind.make(inner_spec(block, spec))),
      inner_states_(inner_->zero_states(1, DType::kF32).size()),
      leave_({.in = inner_->output_features(), .out = spec.hidden, .bias = spec.options.bias}, spec.random) {
  if (input_ != spec.hidden) {
    enter_.emplace(LinearOptions{.in = input_, .out = spec.hidden, .bias = spec.options.bias}, spec.random);
    register_module("enter", *enter_);
  }
  register_module("norm", norm_);
  if (block == BlockKind::kXlstmUp) {
    const LinearOptions up{.in = hidden_, .out = inner_->input_features(), .bias = spec.options.bias};
    up_.emplace(up, spec.random);
    up_gate_.emplace(up, spec.random);
    register_module("up", *up_);
    register_module("up_gate", *up_gate_);
  }
  if (spec.options.block_conv > 0) make_conv(spec);
  register_module("inner", *inner_);
  if (block == BlockKind::kXlstm || block == BlockKind::kXlstmUp) make_heads_norm(block, spec);
  if (block == BlockKind::kXlstmUp) make_skip();
  register_module("leave", leave_);
  if (block == BlockKind::kFeedForward || block == BlockKind::kXlstm) make_feed_forward(block, spec);
}

void BlockLayer::make_heads_norm(BlockKind block, const LayerSpec& spec) {
  const std::string name = fmt::format("block = {}", block_names()[static_cast<size_t>(block)]);
  LayerSpec outputs = spec;
  outputs.hidden = inner_->output_features();  // fewer than H where an LSTM projects
  heads_ = memory_heads(name, outputs);
  if (outputs.hidden < 2 * heads_)
    fail_usage(
        "recurrent: memory_heads: expected at least 2 units for each head of {}: normalisation makes a single one 0, "
        "got {} in "
        "{}",
        name, counted(outputs.hidden, "unit", "units"), counted(heads_, "head", "heads"));
  heads_weight_ = Tensor::ones({outputs.hidden});
  register_parameter("weight_heads", heads_weight_);
}

void BlockLayer::make_skip() {
  const int64_t read = inner_->input_features(), given = inner_->output_features();
  if (given != read)
    fail_usage(
        "recurrent: projection: block = xlstm_up adds what its layer reads to what that gives, so that both have as "
        "many units, got {} and {}; leave projection out, or set another block",
        read, given);
  skip_weight_ = Tensor::ones({read});
  register_parameter("weight_skip", skip_weight_);
}

void BlockLayer::make_feed_forward(BlockKind block, const LayerSpec& spec) {
  const int64_t H = spec.hidden, between = units_between(block, H);
  const bool bias = spec.options.bias;
  feed_norm_.emplace(LayerNormOptions{.features = H, .epsilon = kBlockNormEpsilon});
  wide_.emplace(LinearOptions{.in = H, .out = between, .bias = bias}, spec.random);
  if (block == BlockKind::kXlstm) gate_.emplace(LinearOptions{.in = H, .out = between, .bias = bias}, spec.random);
  narrow_.emplace(LinearOptions{.in = between, .out = H, .bias = bias}, spec.random);
  register_module("feed_norm", *feed_norm_);
  register_module("wide", *wide_);
  if (gate_) register_module("gate", *gate_);
  register_module("narrow", *narrow_);
}

void BlockLayer::make_conv(const LayerSpec& spec) {
  const int64_t K = spec.options.block_conv, E = inner_->input_features();
  const double bound = 1 / std::sqrt(static_cast<double>(K));
  conv_weight_ = Tensor::empty({K, E});
  init::uniform(*conv_weight_, -bound, bound, spec.random);
  register_parameter("weight_conv", conv_weight_);
  if (!spec.options.bias) return;
  conv_bias_ = Tensor::zeros({E});
  register_parameter("bias_conv", conv_bias_);
}

Tensors BlockLayer::zero_states(int64_t batch, DType dtype) const {
  Tensors states = inner_->zero_states(batch, dtype);
  for (int64_t k = 1; conv_weight_->defined() && k < conv_weight_->size(0); ++k)
    states.push_back(Tensor::zeros({batch, conv_weight_->size(1)}, dtype));
  return states;
}

BlockLayer::Entered BlockLayer::enter(const Tensor& x) const {
  const Tensor u = enter_ ? (*enter_)(x) : x, normal = norm_(u);
  return {.u = u, .normal = normal, .read = up_ ? (*up_)(normal) : normal};
}

Tensor BlockLayer::convolve(const Tensor& rows, const Tensors& states, const LayerTime& time, Tensors& last) const {
  if (!conv_weight_->defined()) return rows;
  CausalConvResult made = time.convolve(rows, conv_weight_, conv_bias_, states);
  last = std::move(made.last);
  return silu(made.rows);
}

Tensor BlockLayer::heads_norm(const Tensor& y) const {
  if (heads_ == 0) return y;
  const int64_t units = y.size(-1), size = units / heads_;
  const Tensor normal = layer_norm(reshape(y, {y.numel() / size, size}), {}, {}, kBlockNormEpsilon);
  return reshape(normal, y.shape()) * heads_weight_;
}

template <class Drop>
Tensor BlockLayer::leave(const Entered& entered, const Tensor& y, const Drop& drop) const {
  Tensor given = heads_norm(y);
  if (up_) given = (given + entered.read * skip_weight_) * silu((*up_gate_)(entered.normal));
  const Tensor added = entered.u + drop(leave_(given));
  if (!feed_norm_) return added;
  const Tensor normal = (*feed_norm_)(added);
  const Tensor between = gate_ ? gelu_tanh((*gate_)(normal)) * (*wide_)(normal) : gelu_tanh((*wide_)(normal));
  return added + drop((*narrow_)(between));
}

LayerOutput BlockLayer::run_inner(OutputSteps steps, Entered& entered, const Tensors& states,
                                  const LayerCall& call) const {
  const auto own = states.begin() + static_cast<std::ptrdiff_t>(inner_states_);
  Tensors last;
  entered.read = convolve(entered.read, Tensors(own, states.end()), PackedTime(call.packing, reverse()), last);
  const Tensors before(states.begin(), own);
  const LayerInput input{.x = entered.read};
  LayerOutput out =
      steps == OutputSteps::kLast ? inner_->run_last(input, before, call) : inner_->run(input, before, call);
  out.states.insert(out.states.end(), last.begin(), last.end());
  return out;
}

LayerOutput BlockLayer::run(const LayerInput& input, const Tensors& states, const LayerCall& call) const {
  Entered entered = enter(input.x);
  LayerOutput out = run_inner(OutputSteps::kAll, entered, states, call);
  out.y = leave(entered, out.y,
                [&](const Tensor& y) { return drop_packed(y, call.packing, dropout_, locked_, call.mode); });
  return out;
}

LayerOutput BlockLayer::run_last(const LayerInput& input, const Tensors& states, const LayerCall& call) const {
  Entered entered = enter(input.x);
  LayerOutput out = run_inner(OutputSteps::kLast, entered, states, call);
  const auto last = [&](const Tensor& rows) { return call.packing.last_rows(rows, reverse()); };
  entered.u = last(entered.u);
  if (up_) {
    entered.normal = last(entered.normal);
    entered.read = last(entered.read);
  }
  const Packing one(1, call.packing.sequences(), {});
  out.y = leave(entered, out.y, [&](const Tensor& y) { return drop_packed(y, one, dropout_, locked_, call.mode); });
  return out;
}

LayerOutput BlockLayer::run_traced(const PaddedLayerInput& input) const {
  Entered entered = enter(input.x);
  PaddedLayerInput own = input;
  Tensors last;
  if (conv_weight_->defined()) {
    const int64_t T = input.x.size(0), B = input.x.size(1), E = conv_weight_->size(1);
    Tensors behind(static_cast<size_t>(conv_weight_->size(0) - 1));
    if (input.states.empty()) {
      for (Tensor& row : behind) row = filled({B, E}, 0, dtype());
    } else {
      const auto first = input.states.begin() + static_cast<std::ptrdiff_t>(inner_states_);
      behind.assign(first, input.states.end());
      own.states.assign(input.states.begin(), first);
    }
    const Tensor rows = reshape(entered.read, {T * B, E});
    const bool is_step = T == 1 && !input.lengths.defined();  // as ScanLayer has it: a step needs no loop
    const PaddedTime time(T, B, {.lengths = input.lengths, .reverse = reverse()});
    const Tensor conv = is_step ? convolve(rows, behind, StepTime(), last) : convolve(rows, behind, time, last);
    entered.read = reshape(conv, {T, B, E});
  }
  own.x = entered.read;
  LayerOutput out = inner_->run_traced(own);
  out.states.insert(out.states.end(), last.begin(), last.end());
  out.y = leave(entered, out.y, [](const Tensor& y) { return y; });
  out.y = zeros_in_padding(out.y, to_lengths(input.lengths));
  return out;
}

std::shared_ptr<const Stepper> BlockLayer::stepper(const StreamOptions& options) const {
  std::shared_ptr<const Stepper> inner = inner_->stepper(options);
  if (inner == nullptr) return nullptr;
  BlockWeights w{.has_enter = enter_.has_value(),
                 .feeds = feed_norm_.has_value(),
                 .gated = gate_.has_value(),
                 .norm = norm_.weight->clone(),
                 .norm_bias = norm_.bias->clone(),
                 .read = inner_->input_features(),
                 .has_up = up_.has_value(),
                 .conv = conv_weight_->defined() ? StepConv(conv_weight_, conv_bias_) : StepConv(),
                 .heads = heads_,
                 .leave = StepAffine(leave_.weight, leave_.bias, options.weights)};
  if (enter_) w.enter = StepAffine(enter_->weight, enter_->bias, options.weights);
  if (up_) {
    w.up = both_maps(*up_gate_, *up_, options.weights);
    w.skip = skip_weight_->clone();
  }
  if (heads_ > 0) w.heads_norm = heads_weight_->clone();
  if (feed_norm_) {
    w.feed_norm = feed_norm_->weight->clone();
    w.feed_norm_bias = feed_norm_->bias->clone();
    w.between = wide_->weight->size(0);
    w.wide =
        gate_ ? both_maps(*gate_, *wide_, options.weights) : StepAffine(wide_->weight, wide_->bias, options.weights);
    w.narrow = StepAffine(narrow_->weight, narrow_->bias, options.weights);
  }
  return std::make_shared<const BlockStepper>(std::move(w), std::move(inner), output_features(), options.streams);
}

}  // namespace recur
