#include "recur/tasks/synthesize/synthesize_training.h"

#include <utility>
#include <vector>

#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "recur/tasks/synthesize/synthesize_score.h"

namespace recur {

SynthesizeTraining::SynthesizeTraining(SynthesizeTrained trained, SynthesizeParts parts,
                                       ShuffledBatches<EncodedSpeech> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(parts_.checksum);
}

TrainingStep SynthesizeTraining::step(bool trace_gradients) {
  const auto chosen = batches_.next();
  std::vector<const EncodedSpeech*> sounds;
  std::vector<SpeechPair> pairs;
  int64_t frames = 0;
  for (const Loaded<EncodedSpeech>& each : chosen.examples) {
    sounds.push_back(&*each);
    pairs.push_back({&each->symbols, &each->frames});
    frames += each->frames.steps();
  }
  const SynthesizeNetwork& network = trained_.network();
  const SpeechModel::Taught taught = network.speech().teach(pairs, mode(), new_trace(trace_gradients));
  const Tensor objective = sum(speech_losses(network, taught, sounds, mode()).all) * (1 / static_cast<double>(frames));
  return {.objective = objective,
          .weight = chosen.counted > 0 ? static_cast<double>(frames) : 0,
          .loss = objective.item(),
          .examples = chosen.counted,
          .ends_epoch = chosen.ends_pass};
}

Evaluation SynthesizeTraining::validate() { return measure(trained_, *parts_.valid, nullptr, /*validates=*/true); }

}  // namespace recur
