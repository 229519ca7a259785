#include "recur/tasks/lm/lm_task.h"

#include "recur/tasks/lm/lm_describe.h"
#include "recur/tasks/lm/lm_training.h"

namespace recur {

const TaskInfo& LmTask::info() const { return lm_info(); }

std::unique_ptr<Training> LmTask::train(const TrainingData& data, const TrainingStart& start) {
  return std::make_unique<LmTraining>(open_corpora(data, options.data.tokens), options, start);
}

std::unique_ptr<Trained> LmTask::restore(const Assets& assets, int64_t elements) const {
  std::shared_ptr<const Tokenizer> tokenizer = Tokenizer::deserialize(need_asset(assets, "vocabulary"));
  check_size(options.model, tokenizer->size(), elements);
  Random random(0);
  return std::make_unique<LmTrained>(options, std::move(tokenizer), random);
}

Description LmTask::describe_data(const DataFiles& data) const { return describe_text(data); }

}  // namespace recur
