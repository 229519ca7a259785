// Several step models as one: ensemble decoding (Sutskever, Vinyals and Le, "Sequence to sequence learning with neural
// networks", 2014).
#pragma once

#include <memory>
#include <vector>

#include "recur/decode/step_model.h"

namespace recur {

// The probability of a symbol is the mean of the members' probabilities, and the attention the mean of theirs. Members
// are of one kind: their states have equally many parts, which stand behind each other in the state of all.
class EnsembleSteps : public StepModel {
 public:
  // At least one, of equally many symbols.
  explicit EnsembleSteps(std::vector<std::unique_ptr<const StepModel>> members);

  int64_t symbols() const override { return members_.front()->symbols(); }
  Tensors initial(int64_t hypotheses) const override;
  Step step(const Tensor& symbols, const Tensors& state) const override;
  Tensors reorder(const Tensors& state, const Tensor& from) const override;

 private:
  Tensors part(const Tensors& state, size_t member) const;

  std::vector<std::unique_ptr<const StepModel>> members_;
};

}  // namespace recur
