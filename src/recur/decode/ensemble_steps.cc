#include "recur/decode/ensemble_steps.h"

#include <utility>

#include "recur/base/error.h"
#include "recur/ops/concat.h"
#include "recur/ops/log_mean_exp.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

void append(Tensors& all, Tensors some) {
  all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

}  // namespace

EnsembleSteps::EnsembleSteps(std::vector<std::unique_ptr<const StepModel>> members) : members_(std::move(members)) {
  if (members_.empty()) fail("ensemble: expected at least one model");
  for (const auto& member : members_) {
    if (member->symbols() != symbols()) {
      fail("ensemble: expected models of {} symbols, got one of {}", symbols(), member->symbols());
    }
  }
}

Tensors EnsembleSteps::part(const Tensors& state, size_t member) const {
  const size_t parts = state.size() / members_.size();
  const auto first = state.begin() + static_cast<std::ptrdiff_t>(member * parts);
  return {first, first + static_cast<std::ptrdiff_t>(parts)};
}

Tensors EnsembleSteps::initial(int64_t hypotheses) const {
  Tensors state;
  for (const auto& member : members_) append(state, member->initial(hypotheses));
  return state;
}

StepModel::Step EnsembleSteps::step(const Tensor& symbols, const Tensors& state) const {
  Step all;
  Tensors log_probabilities, attentions;
  for (size_t k = 0; k < members_.size(); ++k) {
    Step made = members_[k]->step(symbols, part(state, k));
    log_probabilities.push_back(std::move(made.log_probabilities));
    append(all.state, std::move(made.state));
    if (made.attention.defined()) attentions.push_back(std::move(made.attention));
  }
  all.log_probabilities = log_mean_exp(log_probabilities);
  if (!attentions.empty()) all.attention = mean(stack(attentions), 0);
  return all;
}

Tensors EnsembleSteps::reorder(const Tensors& state, const Tensor& from) const {
  Tensors result;
  for (size_t k = 0; k < members_.size(); ++k) append(result, members_[k]->reorder(part(state, k), from));
  return result;
}

}  // namespace recur
