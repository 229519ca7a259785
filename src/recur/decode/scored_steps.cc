#include "recur/decode/scored_steps.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "recur/ops/embedding.h"

namespace recur {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
// The scorer is not asked for symbols of so much less log p than the most probable one, unless it forbids all others.
constexpr float kWidestScored = 10;

}  // namespace

ScoredSteps::ScoredSteps(const StepModel& model, const PrefixScorer& scorer, int32_t end)
    : model_(model), scorer_(scorer), end_(end), known_{scorer.start()} {}

Tensors ScoredSteps::initial(int64_t hypotheses) const {
  Tensors state = model_.initial(hypotheses);
  state.push_back(Tensor::zeros({hypotheses}, DType::kI32));
  return state;
}

StepModel::Step ScoredSteps::step(const Tensor& symbols, const Tensors& state) const {
  Step out = model_.step(symbols, {state.begin(), state.end() - 1});
  Tensor numbers = state.back().clone(), all = out.log_probabilities.clone();
  const int64_t count = all.size(1);
  for (int64_t k = 0; k < numbers.size(0); ++k) {
    int32_t& number = numbers.data<int32_t>()[k];
    // The end is what a text begins with.
    if (const int32_t symbol = symbols.values<int32_t>()[static_cast<size_t>(k)]; symbol != end_) {
      PrefixScorer::State after;
      scorer_.add(known_[static_cast<size_t>(number)], symbol, after);
      known_.push_back(std::move(after));
      number = static_cast<int32_t>(known_.size()) - 1;
    }
    const PrefixScorer::State& own = known_[static_cast<size_t>(number)];
    const std::span<float> row(all.data<float>() + k * count, static_cast<size_t>(count));
    const std::vector<float> p(row.begin(), row.end());
    const float least = std::ranges::max(p) - kWidestScored;
    if (!score(own, p, least, row)) score(own, p, kNever, row);
  }
  out.log_probabilities = all;
  out.state.push_back(numbers);
  return out;
}

// Whether a symbol of more than `least` may follow.
bool ScoredSteps::score(const PrefixScorer::State& known, std::span<const float> p, float least,
                        std::span<float> out) const {
  bool any = false;
  for (size_t v = 0; v < p.size(); ++v) {
    out[v] = kNever;
    if (!(p[v] > least)) continue;
    const auto symbol = static_cast<int32_t>(v);
    PrefixScorer::State ignored;
    out[v] = p[v] + static_cast<float>(symbol == end_ ? scorer_.end(known) : scorer_.add(known, symbol, ignored));
    any = any || out[v] > kNever;
  }
  return any;
}

Tensors ScoredSteps::reorder(const Tensors& state, const Tensor& from) const {
  Tensors out = model_.reorder({state.begin(), state.end() - 1}, from);
  out.push_back(index_select(state.back(), from));
  return out;
}

}  // namespace recur
