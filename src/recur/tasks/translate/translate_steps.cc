#include "recur/tasks/translate/translate_steps.h"

#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "recur/autograd/node.h"
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

TranslateSteps::TranslateSteps(const TranslateModel& model, const SourceBatch& sources, std::optional<int32_t> unknown)
    : model_(model), unknown_(unknown) {
  const autograd::NoGrad no_grad;
  source_ = model.read(sources, Mode::evaluation());
}

size_t TranslateSteps::own_parts() const {
  return flat_state(source_.first.rnn).size() + (source_.first.fed.defined() ? 1 : 0);
}

Tensors TranslateSteps::initial(int64_t hypotheses) const {
  Tensors state = flat_state(source_.first.rnn);
  if (hypotheses != state.front().size(0)) {
    fail("translate: expected a hypothesis for each of {} sources, got {}", state.front().size(0), hypotheses);
  }
  if (source_.first.fed.defined()) state.push_back(source_.first.fed);
  std::vector<int32_t> numbers(static_cast<size_t>(hypotheses));
  std::iota(numbers.begin(), numbers.end(), 0);
  state.push_back(Tensor::from(numbers, {hypotheses}));
  const AttentionMemory& memory = source_.memory;
  if (memory.keys.defined()) state.insert(state.end(), {memory.keys, memory.values, memory.lengths});
  return state;
}

StepModel::Step TranslateSteps::step(const Tensor& symbols, const Tensors& state) const {
  const size_t own = own_parts();
  DecoderState before{.rnn = layered_state(state, source_.first.rnn), .fed = {}};
  if (source_.first.fed.defined()) before.fed = state[own - 1];
  AttentionMemory memory;
  if (state.size() > own + 1) memory = {state[own + 1], state[own + 2], state[own + 3]};
  auto out = model_.write(reshape(symbols, {1, symbols.size(0)}), before, memory, Mode::evaluation());
  Tensor log_probabilities = log_softmax(cast(model_.logits(row(out.features, 0)), DType::kF32));
  if (unknown_) {
    float* values = log_probabilities.data<float>();
    for (int64_t b = 0; b < log_probabilities.size(0); ++b) {
      values[b * log_probabilities.size(1) + *unknown_] = -std::numeric_limits<float>::infinity();
    }
  }
  Step made{.log_probabilities = std::move(log_probabilities),
            .state = flat_state(out.state.rnn),
            .attention = weights_of_step(out.weights)};
  if (out.state.fed.defined()) made.state.push_back(out.state.fed);
  made.state.insert(made.state.end(), state.begin() + static_cast<std::ptrdiff_t>(own), state.end());
  return made;
}

Tensors TranslateSteps::reorder(const Tensors& state, const Tensor& from) const {
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
  // Every source's memory is in source_: rows are taken from there.
  const AttentionMemory& memory = source_.memory;
  for (size_t i = own + 1; i < state.size(); ++i) {
    const Tensor& all = i == own + 1 ? memory.keys : i == own + 2 ? memory.values : memory.lengths;
    result.push_back(as_before ? state[i] : index_select(all, sources));
  }
  return result;
}

}  // namespace recur
