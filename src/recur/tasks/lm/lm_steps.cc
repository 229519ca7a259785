#include "recur/tasks/lm/lm_steps.h"

#include <algorithm>
#include <limits>

#include "recur/autograd/node.h"
#include "recur/decode/flat_state.h"
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"

namespace recur {

LmSteps::LmSteps(const LmModel& model, std::span<const int32_t> before, std::optional<int32_t> unknown)
    : model_(model), unknown_(unknown), prompt_(model.zero_state(1)) {
  constexpr size_t kWindow = 256;  // keeps the memory of a long prompt small
  const autograd::NoGrad no_grad;
  for (; !before.empty(); before = before.subspan(std::min(kWindow, before.size()))) {
    const auto part = before.first(std::min(kWindow, before.size()));
    prompt_ = model_(Tensor::from(part, {std::ssize(part), 1}), {.state = prompt_, .mode = Mode::evaluation()}).state;
  }
}

int64_t LmSteps::symbols() const { return model_.vocabulary(); }

Tensors LmSteps::initial(int64_t hypotheses) const {
  const Tensor first = Tensor::from(std::vector<int32_t>(static_cast<size_t>(hypotheses), 0), {hypotheses});
  return reorder(flat_state(prompt_), first);
}

StepModel::Step LmSteps::step(const Tensor& symbols, const Tensors& state) const {
  const RecurrentState before = layered_state(state, prompt_);
  const int64_t hypotheses = symbols.size(0);
  const auto out = model_(reshape(symbols, {1, hypotheses}), {.state = before, .mode = Mode::evaluation()});
  Tensor logits = cast(model_.logits(row(out.features, 0)), DType::kF32);
  if (unknown_) {
    logits = logits.clone();
    for (int64_t b = 0; b < hypotheses; ++b) {
      logits.data<float>()[b * logits.size(1) + *unknown_] = -std::numeric_limits<float>::infinity();
    }
  }
  return {.log_probabilities = log_softmax(logits), .state = flat_state(out.state)};
}

}  // namespace recur
