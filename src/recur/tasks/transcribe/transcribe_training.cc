#include "recur/tasks/transcribe/transcribe_training.h"

#include <algorithm>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"

namespace recur {

TranscribeTraining::TranscribeTraining(TranscribeTrained trained, TranscribeParts parts,
                                       ShuffledBatches<EncodedSound> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(parts_.checksum);
  check_validation();
}

void TranscribeTraining::check_validation() const {
  if (!has_validation() || criterion().metric != "loss") return;
  const TranscribeModelOptions& model = trained_.options().model;
  for (int64_t i = 0; i < parts_.valid->size(); ++i) {
    const std::vector<int32_t> text = trained_.encoder().encode(parts_.valid->item(i).text);
    if (least_steps(model, text) <= subsampled(parts_.valid->steps(i), model)) return;
  }
  fail("select = loss: it cannot be computed on the validation data, where no text fits into its sound");
}

TrainingStep TranscribeTraining::step(bool trace_gradients) {
  const auto chosen = batches_.next();
  std::vector<const FrameRows*> rows;
  std::vector<const std::vector<int32_t>*> texts;
  int64_t symbols = 0;
  for (const Loaded<EncodedSound>& sound : chosen.examples) {
    rows.push_back(&sound->rows);
    texts.push_back(&sound->symbols);
    symbols += std::ssize(sound->symbols);
  }
  const TranscribeModel& network = trained_.network();
  const EncodedSounds sounds = network.encode(batch_of(rows), mode(), new_trace(trace_gradients));
  const Tensor losses = network.head().losses(sounds, texts, mode());
  const Tensor objective = sum(losses) * (1 / static_cast<double>(symbols));
  return {.objective = objective,
          .weight = chosen.counted > 0 ? static_cast<double>(symbols) : 0,
          .loss = objective.item(),
          .examples = chosen.counted,
          .ends_epoch = chosen.ends_pass};
}

Criterion TranscribeTraining::criterion() const { return {.metric = trained_.options().learning.select}; }

Evaluation TranscribeTraining::validate() {
  TranscribeOptions greedy = trained_.options();
  greedy.use.beam = greedy.use.n_best = 1;
  return measure({trained_.network(), trained_.encoder(), greedy, greedy.data.rate}, *parts_.valid);
}

}  // namespace recur
