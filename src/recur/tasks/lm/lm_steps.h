// A language model as a step model.
#pragma once

#include <optional>
#include <span>

#include "recur/data/text/tokenizer.h"
#include "recur/decode/step_model.h"
#include "recur/tasks/lm/lm_model.h"

namespace recur {

class LmSteps : public StepModel {
 public:
  // Has read `before`, the symbols of a prompt, once for all hypotheses. `unknown` is never predicted. The model must
  // outlive this.
  LmSteps(const LmModel& model, std::span<const int32_t> before, std::optional<int32_t> unknown);

  int64_t symbols() const override;
  Tensors initial(int64_t hypotheses) const override;
  Step step(const Tensor& symbols, const Tensors& state) const override;

 private:
  const LmModel& model_;
  std::optional<int32_t> unknown_;
  RecurrentState prompt_;  // after it, of one hypothesis; says which tensor belongs to which layer
};

}  // namespace recur
