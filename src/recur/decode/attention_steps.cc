#include "recur/decode/attention_steps.h"

#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/decode/flat_state.h"
#include "recur/ops/cast.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"

namespace recur {
namespace {

// f32 [B, S] of weights [1, B, S]; undefined without.
Tensor weights_of_step(const Tensor& weights) {
  return weights.defined() ? cast(row(weights, 0), DType::kF32) : Tensor();
}

}  // namespace

AttentionSteps::AttentionSteps(AttentionWriter writer, AttentionMemory memory, DecoderState first,
                               std::optional<int32_t> unknown)
    : writer_(std::move(writer)), memory_(std::move(memory)), first_(std::move(first)), unknown_(unknown) {}

size_t AttentionSteps::own_parts() const {
  return flat_state(first_.rnn).size() + (first_.fed.defined() ? 1 : 0) + (first_.attended.defined() ? 1 : 0);
}

Tensors AttentionSteps::own_state(const DecoderState& state) const {
  Tensors parts = flat_state(state.rnn);
  if (first_.fed.defined()) parts.push_back(state.fed);
  if (first_.attended.defined()) parts.push_back(state.attended);
  return parts;
}

Tensors AttentionSteps::initial(int64_t hypotheses) const {
  Tensors state = own_state(first_);
  if (hypotheses != state.front().size(0)) {
    fail("decoder: expected a hypothesis for each of {} sources, got {}", state.front().size(0), hypotheses);
  }
  std::vector<int32_t> numbers(static_cast<size_t>(hypotheses));
  std::iota(numbers.begin(), numbers.end(), 0);
  state.push_back(Tensor::from(numbers, {hypotheses}));
  if (memory_.keys.defined()) state.insert(state.end(), {memory_.keys, memory_.values, memory_.lengths});
  return state;
}

StepModel::Step AttentionSteps::step(const Tensor& symbols, const Tensors& state) const {
  const size_t own = own_parts();
  DecoderState before{.rnn = layered_state(state, first_.rnn), .fed = {}};
  size_t at = own;
  if (first_.attended.defined()) before.attended = state[--at];
  if (first_.fed.defined()) before.fed = state[--at];
  AttentionMemory memory;
  if (state.size() > own + 1) memory = {state[own + 1], state[own + 2], state[own + 3]};
  auto out = writer_.write(reshape(symbols, {1, symbols.size(0)}), before, memory);
  Tensor log_probabilities = log_softmax(cast(writer_.logits(row(out.features, 0)), DType::kF32));
  if (unknown_) {
    float* values = log_probabilities.data<float>();
    for (int64_t b = 0; b < log_probabilities.size(0); ++b) {
      values[b * log_probabilities.size(1) + *unknown_] = -std::numeric_limits<float>::infinity();
    }
  }
  Step made{.log_probabilities = std::move(log_probabilities),
            .state = own_state(out.state),
            .attention = weights_of_step(out.weights)};
  made.state.insert(made.state.end(), state.begin() + static_cast<std::ptrdiff_t>(own), state.end());
  return made;
}

Tensors AttentionSteps::reorder(const Tensors& state, const Tensor& from) const {
  const size_t own = own_parts();
  const auto numbers = std::as_const(state[own]).values<int32_t>();
  const auto rows = from.values<int32_t>();
  std::vector<int32_t> moved;
  bool as_before = rows.size() == numbers.size();
  for (size_t k = 0; k < rows.size(); ++k) {
    moved.push_back(numbers[static_cast<size_t>(rows[k])]);
    as_before = as_before && moved[k] == numbers[k];
  }
  Tensors result;
  for (size_t i = 0; i < own; ++i) result.push_back(index_select(state[i], from));
  const Tensor sources = Tensor::from(moved, {std::ssize(moved)});
  result.push_back(sources);
  // Every source's memory is in memory_: rows are taken from there.
  for (size_t i = own + 1; i < state.size(); ++i) {
    const Tensor& all = i == own + 1 ? memory_.keys : i == own + 2 ? memory_.values : memory_.lengths;
    result.push_back(as_before ? state[i] : index_select(all, sources));
  }
  return result;
}

}  // namespace recur
