// What a language model has while it is trained: the text, the place in it, and the state carried along.
#pragma once

#include <optional>

#include "recur/data/text/lm_batcher.h"
#include "recur/io/checkpoint.h"
#include "recur/tasks/lm/lm_model.h"
#include "recur/tasks/task.h"

namespace recur {

struct LmCorpora {
  Corpus train;
  std::optional<Corpus> valid;
};
// Opens the text and makes the vocabulary of its training part. Throws Error for a text of one symbol repeated.
LmCorpora open_corpora(const TrainingData& data, const TokenizerOptions& tokens);

class LmTraining {
 public:
  LmTraining(LmCorpora corpora, const LmOptions& options, uint64_t seed);

  TrainingStep step(const LmModel& model, bool trace_gradients);

  const Corpus& text() const { return corpora_.train; }
  const std::optional<Corpus>& valid() const { return corpora_.valid; }
  double epoch() const { return static_cast<double>(batcher_.cursor().epoch) + batcher_.progress(); }
  const GradientTrace& trace() const { return trace_; }

  void save(StateWriter& state) const;
  void load(const StateReader& state);

 private:
  Tensor objective(const LmModel::Output& out, const Tensor& loss) const;

  LmCorpora corpora_;
  LmOptions options_;
  LmBatcher batcher_;
  Random random_;  // of dropout
  RecurrentState carried_;
  GradientTrace trace_;
};

}  // namespace recur
