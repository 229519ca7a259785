// Networks of the same kind side by side, each with initial values and dropout of its own, whose answers are averaged
// (Lakshminarayanan, Pritzel and Blundell, 2017).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "recur/tasks/classify/classify_model.h"
#include "recur/tasks/classify/kernel_path.h"
#include "recur/tasks/classify/ngram_path.h"

namespace recur {

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_ensemble_size(const ClassifyModelOptions& options, const ClassifySizes& sizes, int64_t elements);

// Parameters: those of the network when options.members is 1; of several, the k-th's begin with "k." (from 0). With
// options.ngrams, of texts and classes, the buffers of a linear path beside them begin with "ngrams."; with
// options.random_kernels, of series and classes, with "random_kernels.".
class ClassifyEnsemble : public Module {
 public:
  ClassifyEnsemble(const ClassifyModelOptions& options, const ClassifySizes& sizes, Random& random);

  // The output of each member, [B, outputs]; the trace is that of the first one.
  Tensors outputs(const SequenceBatch& batch, Mode mode, GradientTrace* trace = nullptr) const;
  // Of all together in evaluation, [B, outputs] in f32: logarithms of the mean probability of each class, or mean
  // values.
  Tensor answer(const SequenceBatch& batch, bool is_value) const;
  Tensor answer_of(size_t member, const SequenceBatch& batch, bool is_value) const;  // of one alone

  const std::vector<ClassifyModel>& members() const { return members_; }
  const NgramPath* ngrams() const { return ngrams_ ? &*ngrams_ : nullptr; }
  NgramPath* ngrams() { return ngrams_ ? &*ngrams_ : nullptr; }
  const KernelPath* kernels() const { return kernels_ ? &*kernels_ : nullptr; }
  KernelPath* kernels() { return kernels_ ? &*kernels_ : nullptr; }
  // Of the linear path, whichever there is; null without one.
  const PathMix* mix() const { return ngrams_ ? &ngrams_->mix() : kernels_ ? &kernels_->mix() : nullptr; }
  PathMix* mix() { return ngrams_ ? &ngrams_->mix() : kernels_ ? &kernels_->mix() : nullptr; }

 private:
  std::vector<ClassifyModel> members_;
  std::optional<NgramPath> ngrams_;
  std::optional<KernelPath> kernels_;
};

}  // namespace recur
