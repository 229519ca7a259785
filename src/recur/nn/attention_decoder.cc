#include "recur/nn/attention_decoder.h"

#include <algorithm>

#include "recur/autograd/checkpoint.h"
#include "recur/autograd/trace.h"
#include "recur/base/error.h"
#include "recur/nn/dropout.h"
#include "recur/nn/fed_loop.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/dropout.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

constexpr const char* kNoAttention = "none";
constexpr int64_t kLocationFeatures = 10;

int64_t width_of(const RecurrentOptions& rnn) {
  if (rnn.projection > 0) return rnn.projection;
  return rnn.widths.empty() ? rnn.hidden : rnn.widths.back();
}

AttentionDecoderOptions completed(AttentionDecoderOptions options) {
  if (options.rnn.bidirectional) fail("decoder: it goes forwards only, got bidirectional layers");
  if (options.output == 0) options.output = width_of(options.rnn);
  if (options.attention == kNoAttention) options.input_feeding = false;
  if (options.attention == kNoAttention || options.attention == "multi_head") {
    if (options.location > 0) fail("decoder: location: expected another attention than {}", options.attention);
  }
  if (options.input_feeding) options.rnn.input += options.output;
  return options;
}

// The parts of a state that are vectors are made of the summary; others, such as memories of steps, begin empty.
bool is_vector(const Tensor& state) { return state.rank() == 2; }

int64_t state_features(const Recurrent& rnn) {
  int64_t features = 0;
  for (const Tensors& layer : rnn.zero_state(1).layers) {
    for (const Tensor& part : layer) features += is_vector(part) ? part.size(1) : 0;
  }
  return features;
}

int64_t context_features(const std::optional<Attention>& attention) {
  return attention ? attention->output_features() : 0;
}

}  // namespace

AttentionDecoder::AttentionDecoder(const AttentionDecoderOptions& options, Random& random)
    : options_(completed(options)),
      rnn_(options_.rnn, random),
      attention_(options_.attention == kNoAttention
                     ? std::nullopt
                     : std::optional<Attention>(std::in_place,
                                                AttentionOptions{.kind = options_.attention,
                                                                 .query = rnn_.output_features(),
                                                                 .memory = options_.memory,
                                                                 .units = options_.units,
                                                                 .heads = options_.heads},
                                                random)),
      combine_({.in = context_features(attention_) + rnn_.output_features(), .out = options_.output}, random),
      bridge_({.in = options_.memory, .out = std::max<int64_t>(state_features(rnn_), 1)}, random) {
  register_module("bridge", bridge_);
  register_module("rnn", rnn_);
  if (attention_) register_module("attention", *attention_);
  if (options_.location > 0) {
    const int64_t seen = options_.location_sum ? 2 : 1;
    location_.emplace(TimeConvOptions{.in = seen, .out = kLocationFeatures, .kernel = options_.location}, random);
    const int64_t units = attention_->key_features();
    locate_.emplace(LinearOptions{.in = kLocationFeatures, .out = units, .bias = false}, random);
    register_module("location", *location_);
    register_module("locate", *locate_);
  }
  if (options_.gate && attention_) {
    gate_.emplace(LinearOptions{.in = rnn_.output_features(), .out = 1}, random);
    register_module("gate", *gate_);
  }
  register_module("combine", combine_);
}

AttentionMemory AttentionDecoder::read(const Tensor& encoded, const std::vector<int64_t>& lengths) const {
  return attention_ ? attention_->read(encoded, lengths) : AttentionMemory();
}

// Of y [T, B, H]; one step alone where it is told where the step before looked.
Attention::Output AttentionDecoder::attend(const Tensor& y, const Call& call) const {
  if (!locates()) return (*attention_)(y, call.memory);
  const auto f = [lengths = call.memory.lengths](const Tensors& in) {
    const Tensor &query = in[0], &keys = in[1], &values = in[2], &attended = in[3], &score = in[7];
    const int64_t batch = attended.size(0), steps = attended.size(1);
    const Tensor before = permute(reshape(attended, {batch, steps, attended.rank() == 3 ? 2 : 1}), {1, 0, 2});
    const Tensor where = linear(time_conv(before, in[4], in[5], 1), in[6]);
    return recur::attend(query, {keys + permute(where, {1, 0, 2}), values, lengths}, score);
  };
  const Tensor& weight = attention_->query_weight();
  const Tensors inputs{weight.defined() ? linear(y, weight, attention_->query_bias()) : y,
                       call.memory.keys,
                       call.memory.values,
                       call.attended,
                       location_->weight,
                       location_->bias,
                       locate_->weight,
                       attention_->score()};
  const Tensors read = call.looks_again ? checkpoint(f, inputs) : f(inputs);
  return {read[0], read[1]};
}

// What DecoderState::attended becomes by the weights [B, S] of a step.
Tensor AttentionDecoder::attended_after(const Tensor& before, const Tensor& weights) const {
  if (!options_.location_sum) return weights;
  const Tensor own = reshape(weights, {weights.size(0), weights.size(1), 1});
  return concat({own, slice(before, {2, 1}, 1) + own}, 2);
}

DecoderState AttentionDecoder::first_state(const Tensor& summary, const AttentionMemory& memory) const {
  const Tensor made = tanh(bridge_(summary));
  DecoderState state{.rnn = rnn_.zero_state(summary.size(0), summary.dtype()), .fed = {}};
  if (locates()) {
    const int64_t batch = memory.keys.size(0), steps = memory.keys.size(1);
    state.attended =
        Tensor::zeros(options_.location_sum ? Shape({batch, steps, 2}) : Shape({batch, steps}), summary.dtype());
  }
  int64_t at = 0;
  for (Tensors& layer : state.rnn.layers) {
    for (Tensor& part : layer) {
      if (!is_vector(part)) {
        part = filled(part.shape(), 0, part.dtype());  // zeros that a trace knows for those of any batch
        continue;
      }
      const int64_t features = part.size(1);
      part = slice(made, {1, at}, features);
      at += features;
    }
  }
  if (feeds()) state.fed = filled({summary.size(0), options_.output}, 0, summary.dtype());
  return state;
}

// Steps without anything fed from one to the next.
AttentionDecoder::Output AttentionDecoder::run(const Tensor& x, const DecoderState& state, const Call& call) const {
  RecurrentOutput out = rnn_(x, {.lengths = call.lengths, .state = state.rnn, .mode = call.mode});
  Output result{.features = {}, .weights = {}, .state = {.rnn = std::move(out.state), .fed = {}}};
  Tensor joined = out.y;
  if (attention_) {
    const Attention::Output attended = attend(out.y, call);
    joined = concat({gate_ ? attended.context * sigmoid((*gate_)(out.y)) : attended.context, out.y}, 2);
    result.weights = attended.weights;
  }
  result.features = drop_features(tanh(combine_(joined)), options_.dropout, false, call.mode);
  return result;
}

// The layer, where the steps can be one op; null: they cannot. One step alone gains nothing, and would pack weights.
const CellLayer* AttentionDecoder::loop_layer(int64_t steps) const {
  if (steps < 2 || locates() || gate_ || tracing() != nullptr || rnn_.layers().size() != 1 || !attention_->is_plain())
    return nullptr;
  const auto* layer = dynamic_cast<const CellLayer*>(rnn_.layers()[0].get());
  return layer != nullptr && can_feed(layer->cell(), layer->tensors(), layer->dtype()) ? layer : nullptr;
}

AttentionDecoder::Output AttentionDecoder::run_loop(const CellLayer& layer, const Tensor& x, const DecoderState& state,
                                                    const Call& call) const {
  const Packing packing(x.size(0), x.size(1), call.lengths);
  FedLoopInput in{.cell = &layer.cell(),
                  .rnn = layer.tensors(),
                  .x = packing.pack(x),
                  .states = state.rnn.layers[0],
                  .fed = packing.sort(state.fed),
                  .memory = call.memory,
                  .query_weight = attention_->query_weight(),
                  .query_bias = attention_->query_bias(),
                  .score = attention_->score(),
                  .combine_weight = combine_.weight,
                  .combine_bias = combine_.bias};
  for (Tensor& part : in.states) part = packing.sort(part);
  if (call.mode.dropout(options_.dropout) > 0) {
    in.mask = dropout_mask({packing.packed_rows(), output_features()}, options_.dropout, call.mode.random(), x.dtype());
  }
  FedLoopOutput out = run_fed_loop(in, packing);
  for (Tensor& part : out.states) part = packing.unsort(part);
  return {.features = packing.unpack(out.features),
          .weights = packing.unpack(out.weights),
          .state = {.rnn = {{std::move(out.states)}}, .fed = packing.unsort(out.fed)}};
}

AttentionDecoder::Output AttentionDecoder::run_steps(const Tensor& x, const DecoderState& state,
                                                     const Call& call) const {
  const bool looks_again =
      locates() && tracing() == nullptr && 3 * x.size(0) * call.memory.keys.numel() > options_.kept_keys;
  Tensors features, weights;
  DecoderState now = state;
  for (int64_t t = 0; t < x.size(0); ++t) {
    std::vector<int64_t> running;
    for (const int64_t length : call.lengths) running.push_back(length > t ? 1 : 0);
    Tensor own = rows(x, t, t + 1);
    if (feeds()) own = concat({own, reshape(now.fed, {1, now.fed.size(0), now.fed.size(1)})}, 2);
    Output step = run(own, now, {call.memory, call.mode, running, now.attended, looks_again});
    // Of a sequence that has ended what was before stays.
    const bool all_run = std::ranges::count(running, 0) == 0;
    const auto after = [&](const Tensor& made, const Tensor& before) {
      if (all_run) return made;
      std::vector<int64_t> stretched(static_cast<size_t>(made.rank()), 1);
      stretched[0] = std::ssize(running);
      return where(Tensor::from(running, Shape(stretched)), made, before);
    };
    if (feeds()) now.fed = after(row(step.features, 0), now.fed);
    if (locates()) now.attended = after(attended_after(now.attended, row(step.weights, 0)), now.attended);
    now.rnn = std::move(step.state.rnn);
    features.push_back(step.features);
    weights.push_back(step.weights);
  }
  return {.features = concat(features, 0), .weights = concat(weights, 0), .state = std::move(now)};
}

AttentionDecoder::Output AttentionDecoder::operator()(const Tensor& x, const DecoderState& state,
                                                      const AttentionMemory& memory, Mode mode,
                                                      const std::vector<int64_t>& lengths) const {
  if (x.rank() != 3 || x.size(0) < 1)
    fail("decoder: x: expected [T, B, F] of a step at least, got {}", x.shape().str());
  const Call call{.memory = memory, .mode = mode, .lengths = lengths};
  if (!feeds() && !locates()) return run(x, state, call);
  const CellLayer* const layer = loop_layer(x.size(0));
  return layer != nullptr ? run_loop(*layer, x, state, call) : run_steps(x, state, call);
}

}  // namespace recur
