// Shallow fusion: Gulcehre et al., "On using monolingual corpora in neural machine translation" (2015).
#pragma once

#include <cstdint>
#include <vector>

#include "recur/decode/step_model.h"

namespace recur {

// A model and a language model as one: log p of the first plus `weight` times log p of the second. The result is no
// distribution any more.
class FusedSteps : public StepModel {
 public:
  // same_in_language[s] is the language model's symbol for symbol s of the model, -1 where it has none: its log p is
  // then the lowest of all. weight >= 0. Both must outlive this.
  FusedSteps(const StepModel& model, const StepModel& language, double weight, std::vector<int32_t> same_in_language);

  int64_t symbols() const override { return model_.symbols(); }
  Tensors initial(int64_t hypotheses) const override;
  Step step(const Tensor& symbols, const Tensors& state) const override;
  Tensors reorder(const Tensors& state, const Tensor& from) const override;

 private:
  struct Parts {
    Tensors model, language;
  };
  Parts parts(const Tensors& state) const;

  const StepModel &model_, &language_;
  double weight_;
  std::vector<int32_t> same_;
  size_t language_parts_;  // tensors of its state, behind the model's
};

}  // namespace recur
