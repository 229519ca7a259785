// Translation networks of one kind side by side, each with initial values and dropout of its own, whose probabilities
// are averaged symbol by symbol.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "recur/decode/step_model.h"
#include "recur/tasks/translate/translate_model.h"

namespace recur {

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_ensemble_size(const TranslateModelOptions& options, const TranslateSizes& sizes, int64_t elements);

// Parameters: those of the network when options.members is 1; of several, the k-th's begin with "k." (from 0).
class TranslateEnsemble : public Module {
 public:
  TranslateEnsemble(const TranslateModelOptions& options, const TranslateSizes& sizes, Random& random);

  // The decoder as a step model that has read the sources. `unknown` is never predicted. The networks must outlive it.
  std::unique_ptr<const StepModel> steps(const SourceBatch& sources, std::optional<int32_t> unknown) const;
  // The cross-entropy of each target symbol in evaluation, teacher forced: nats [T, B], zeros in the padding.
  Tensor losses(const SourceBatch& sources, const TargetBatch& target) const;

  const std::vector<TranslateModel>& members() const { return members_; }
  bool attends() const { return members_.front().decoder().attends(); }

 private:
  std::vector<TranslateModel> members_;
};

}  // namespace recur
