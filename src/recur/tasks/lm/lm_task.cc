#include "recur/tasks/lm/lm_task.h"

#include <fmt/format.h>

#include "recur/tasks/lm/lm_training.h"

namespace recur {

const TaskInfo& LmTask::info() const { return lm_info(); }

std::unique_ptr<Training> LmTask::train(const TrainingData& data, const TrainingStart& start) {
  auto training = std::make_unique<LmTraining>(open_corpora(data, options.data.tokens), options, start);
  const Corpus& text = training->text();
  training->set_taken(fmt::format("text: {} symbols ({}) of {} bytes to train on", text.size(), text.tokenizer().kind(),
                                  text.text_bytes()));
  return training;
}

std::unique_ptr<Trained> LmTask::restore(const Assets& assets, int64_t elements) const {
  std::shared_ptr<const Tokenizer> tokenizer = read_asset(assets, "vocabulary", &Tokenizer::deserialize);
  check_size(options.model, tokenizer->size(), elements);
  Random random(0);
  return std::make_unique<LmTrained>(options, std::move(tokenizer), random);
}

}  // namespace recur
