#include "recur/decode/fused_steps.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/error.h"

namespace recur {
namespace {

Tensors joined(Tensors a, const Tensors& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

FusedSteps::FusedSteps(const StepModel& model, const StepModel& language, double weight,
                       std::vector<int32_t> same_in_language)
    : model_(model),
      language_(language),
      weight_(weight),
      same_(std::move(same_in_language)),
      language_parts_(language.initial(1).size()) {
  if (!(weight >= 0)) fail("fusion: expected a weight of 0 or more, got {}", weight);
  if (std::ssize(same_) != model.symbols()) {
    fail("fusion: expected a symbol for each of {}, got {}", model.symbols(), same_.size());
  }
  for (const int32_t symbol : same_) {
    if (symbol >= language.symbols()) fail("fusion: {} is none of {} symbols", symbol, language.symbols());
  }
}

FusedSteps::Parts FusedSteps::parts(const Tensors& state) const {
  const auto middle = state.end() - static_cast<std::ptrdiff_t>(language_parts_);
  return {.model = {state.begin(), middle}, .language = {middle, state.end()}};
}

Tensors FusedSteps::initial(int64_t hypotheses) const {
  return joined(model_.initial(hypotheses), language_.initial(hypotheses));
}

StepModel::Step FusedSteps::step(const Tensor& symbols, const Tensors& state) const {
  const Parts before = parts(state);
  std::vector<int32_t> own;
  for (const int32_t symbol : symbols.values<int32_t>()) own.push_back(std::max(same_[symbol], 0));
  Step out = model_.step(symbols, before.model);
  const Step of_language = language_.step(Tensor::from(own, {std::ssize(own)}), before.language);
  Tensor fused = out.log_probabilities.clone();
  const int64_t count = fused.size(1);
  for (int64_t row = 0; row < fused.size(0); ++row) {
    const auto p = of_language.log_probabilities.values<float>().subspan(static_cast<size_t>(row * language_.symbols()),
                                                                         static_cast<size_t>(language_.symbols()));
    float least = 0;
    for (const float each : p) least = std::isfinite(each) ? std::min(least, each) : least;
    float* const to = fused.data<float>() + row * count;
    for (int64_t s = 0; s < count; ++s) {
      const float other = same_[s] < 0 ? least : p[same_[s]];
      to[s] += static_cast<float>(weight_ * std::max(other, least));
    }
  }
  out.log_probabilities = fused;
  out.state = joined(std::move(out.state), of_language.state);
  return out;
}

Tensors FusedSteps::reorder(const Tensors& state, const Tensor& from) const {
  const Parts before = parts(state);
  return joined(model_.reorder(before.model, from), language_.reorder(before.language, from));
}

}  // namespace recur
