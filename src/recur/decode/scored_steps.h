// A step model and what is known of texts, a language model or a list of words, as one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/decode/ctc_search.h"
#include "recur/decode/step_model.h"

namespace recur {

// log p of a symbol plus what the scorer adds for it; -infinity where it may not follow. The result is no distribution
// any more, and may be above 0 where the scorer gives a bonus. A hypothesis' state has, beside the model's, the number
// of what the scorer knows of it; those that were begun are kept as long as this lives. For one thread at a time.
class ScoredSteps : public StepModel {
 public:
  // Symbol `end` ends a text, and is no part of it. Both must outlive this.
  ScoredSteps(const StepModel& model, const PrefixScorer& scorer, int32_t end);

  int64_t symbols() const override { return model_.symbols(); }
  Tensors initial(int64_t hypotheses) const override;
  Step step(const Tensor& symbols, const Tensors& state) const override;
  Tensors reorder(const Tensors& state, const Tensor& from) const override;

 private:
  bool score(const PrefixScorer::State& known, std::span<const float> p, float least, std::span<float> out) const;

  const StepModel& model_;
  const PrefixScorer& scorer_;
  int32_t end_;
  mutable std::vector<PrefixScorer::State> known_;  // of each number
};

}  // namespace recur
