#include "recur/tasks/classify/classify_ensemble.h"

#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/log_mean_exp.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"

namespace recur {

void check_ensemble_size(const ClassifyModelOptions& options, const ClassifySizes& sizes, int64_t elements) {
  const int64_t of_path = (sizes.text ? options.ngrams : options.random_kernels).value_or(0);
  check_least_parameters(static_cast<double>(of_path) * static_cast<double>(sizes.outputs), elements);
  check_size(options, sizes, elements / options.members.value_or(1));
}

ClassifyEnsemble::ClassifyEnsemble(const ClassifyModelOptions& options, const ClassifySizes& sizes, Random& random) {
  for (int64_t k = 0; k < options.members.value_or(1); ++k) members_.emplace_back(options, sizes, random);
  if (members_.size() == 1) {
    Module::operator=(members_.front());
  } else {
    for (size_t k = 0; k < members_.size(); ++k) register_module(std::to_string(k), members_[k]);
  }
  if (sizes.text && options.ngrams.value_or(0) > 0) {
    ngrams_.emplace(*options.ngrams, sizes.outputs);
    register_module("ngrams", *ngrams_);
  }
  if (!sizes.text && options.random_kernels.value_or(0) > 0) {
    kernels_.emplace(
        RandomKernelsOptions{
            .channels = sizes.features, .steps = options.kernel_steps.value_or(1), .features = *options.random_kernels},
        sizes.outputs);
    register_module("random_kernels", *kernels_);
  }
}

Tensors ClassifyEnsemble::outputs(const SequenceBatch& batch, Mode mode, GradientTrace* trace) const {
  Tensors result;
  for (const ClassifyModel& member : members_) result.push_back(member(batch, mode, result.empty() ? trace : nullptr));
  return result;
}

Tensor ClassifyEnsemble::answer_of(size_t member, const SequenceBatch& batch, bool is_value) const {
  const Tensor y = cast(members_[member](batch, Mode::evaluation()), DType::kF32);
  return is_value ? y : log_softmax(y);
}

Tensor ClassifyEnsemble::answer(const SequenceBatch& batch, bool is_value) const {
  Tensors answers;
  for (size_t k = 0; k < members_.size(); ++k) answers.push_back(answer_of(k, batch, is_value));
  return is_value ? mean(stack(answers), 0) : log_mean_exp(answers);
}

}  // namespace recur
