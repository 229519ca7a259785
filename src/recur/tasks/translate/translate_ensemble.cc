#include "recur/tasks/translate/translate_ensemble.h"

#include <string>
#include <utility>

#include "recur/decode/ensemble_steps.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/log_mean_exp.h"
#include "recur/tasks/translate/translate_steps.h"

namespace recur {

void check_ensemble_size(const TranslateModelOptions& options, const TranslateSizes& sizes, int64_t elements) {
  check_least_parameters(static_cast<double>(options.members) * least_parameters(options, sizes), elements);
}

TranslateEnsemble::TranslateEnsemble(const TranslateModelOptions& options, const TranslateSizes& sizes,
                                     Random& random) {
  for (int64_t k = 0; k < options.members; ++k) members_.emplace_back(options, sizes, random);
  if (members_.size() == 1) {
    Module::operator=(members_.front());
  } else {
    for (size_t k = 0; k < members_.size(); ++k) register_module(std::to_string(k), members_[k]);
  }
}

std::unique_ptr<const StepModel> TranslateEnsemble::steps(const SourceBatch& sources,
                                                          std::optional<int32_t> unknown) const {
  std::vector<std::unique_ptr<const StepModel>> all;
  for (const TranslateModel& member : members_) {
    all.push_back(std::make_unique<TranslateSteps>(member, sources, unknown));
  }
  return all.size() == 1 ? std::move(all.front()) : std::make_unique<const EnsembleSteps>(std::move(all));
}

Tensor TranslateEnsemble::losses(const SourceBatch& sources, const TargetBatch& target) const {
  const CrossEntropyOptions of_each{.ignored = kNoSymbol, .reduction = Reduction::kNone};
  Tensors log_probabilities;
  for (const TranslateModel& member : members_) {
    const Tensor nats = member.objective(target, member.read(sources, Mode::evaluation()), of_each, Mode::evaluation());
    log_probabilities.push_back(-cast(nats, DType::kF32));
  }
  return -log_mean_exp(log_probabilities);
}

}  // namespace recur
