#include "recur/tasks/lm/lm_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "recur/tasks/lm/lm_training.h"
#include "recur/tasks/unknown_symbols.h"

namespace recur {
namespace {

int64_t count_unknown(const Corpus& text) {
  constexpr int64_t kBlock = 1 << 16;
  const std::optional<int32_t> unknown = text.tokenizer().unknown();
  int64_t count = 0;
  std::vector<int32_t> symbols;
  for (int64_t at = 0; unknown && at < text.size(); at += std::ssize(symbols)) {
    symbols.resize(static_cast<size_t>(std::min(kBlock, text.size() - at)));
    text.read(at, symbols);
    count += std::ranges::count(symbols, *unknown);
  }
  return count;
}

}  // namespace

const TaskInfo& LmTask::info() const { return lm_info(); }

std::unique_ptr<Training> LmTask::train(const TrainingData& data, const TrainingStart& start) {
  const auto* first = first_model<LmTrained>(start);
  auto training = std::make_unique<LmTraining>(
      open_corpora(data, options.data.tokens, first != nullptr ? first->shared_tokenizer() : nullptr), options, start);
  const Corpus& text = training->text();
  if (first != nullptr) warn_of_unknown(text.tokenizer(), count_unknown(text), text.size(), "the training text");
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
