// Training of a language model: the text, the position in it, and the carried state.
#pragma once

#include <optional>

#include "recur/data/text/lm_batcher.h"
#include "recur/tasks/lm/lm_trained.h"
#include "recur/tasks/training.h"

namespace recur {

struct LmCorpora {
  Corpus train;
  std::optional<Corpus> valid;
};
// Opens the text and builds the vocabulary of its training part, unless one is `known`. Throws Error for a text with a
// single distinct symbol.
LmCorpora open_corpora(const TrainingData& data, const TokenizerOptions& tokens,
                       const std::shared_ptr<const Tokenizer>& known = nullptr);

class LmTraining : public TrainingOf<LmTrained> {
 public:
  LmTraining(LmCorpora corpora, const LmOptions& options, const TrainingStart& start);

  TrainingStep step(bool trace_gradients) override;
  std::vector<std::vector<double>> gradient_trace() const override { return trace_.norms; }
  double epoch() const override { return static_cast<double>(batcher_.cursor().epoch) + batcher_.progress(); }
  bool has_validation() const override { return corpora_.valid.has_value(); }
  Evaluation validate() override;
  void check_validation() const override;
  // An n-gram model, which the model's file has no room for: evaluations have none.
  BaselineResults baselines() const override;
  void save_state(StateWriter& state) const override;
  void load_state(const StateReader& state) override;

  const Corpus& text() const { return corpora_.train; }

 private:
  struct Window {
    Tensor inputs, targets;  // i32 [T, B]
    LmWindow of_text;
  };
  Window next_window();
  Tensor objective(const LmModel::Output& out, const Tensor& loss) const;

  LmCorpora corpora_;
  Shard shard_;
  LmBatcher batcher_;
  Random random_;  // of dropout
  RecurrentState carried_;
  GradientTrace trace_;
  bool validated_ = false;  // what the text lacks is said once a sitting
};

}  // namespace recur
