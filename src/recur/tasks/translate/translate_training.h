// Training of a translator.
#pragma once

#include <algorithm>
#include <vector>

#include "recur/tasks/batch_training.h"
#include "recur/tasks/translate/translate_trained.h"

namespace recur {

struct TranslateParts {
  DatasetPtr<EncodedPair> train;
  std::vector<TextPair> valid;
  std::vector<int64_t> sample;  // of `valid`, that are translated
};

class TranslateTraining : public BatchTraining<TranslateTrained, EncodedPair> {
 public:
  TranslateTraining(TranslateTrained trained, TranslateParts parts, ShuffledBatches<EncodedPair> batches);

  TrainingStep step(bool trace_gradients) override;
  bool has_validation() const override { return !parts_.valid.empty(); }
  Evaluation validate() override;
  Criterion criterion() const override;
  void save_state(StateWriter& state) const override;
  void load_state(const StateReader& state) override;

 private:
  TranslateParts parts_;
  int64_t steps_ = 0;  // made
};

}  // namespace recur
