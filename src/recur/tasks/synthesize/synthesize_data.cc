#include "recur/tasks/synthesize/synthesize_data.h"

#include <algorithm>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"

namespace recur {

EncodedSpeech encode_speech(const SpokenSound& sound, const SpeechSymbols& symbols, const SynthesizeTrained& trained,
                            Random& random) {
  EncodedSpeech out{.symbols = symbols, .frames = sound.frames, .segment = {}};
  trained.knowledge().scales.apply(out.frames);
  const Vocoder* const vocoder = trained.network().vocoder();
  if (vocoder == nullptr) return out;
  const int64_t frames = out.frames.steps(), count = std::min(vocoder->options().segment, frames);
  const auto first = static_cast<int64_t>(random.below(static_cast<uint64_t>(frames - count + 1)));
  const MelPredictor predictor(trained.spectrum(), vocoder->options().order);
  out.segment = cut_segment({out.frames, sound.frames, sound.samples}, first, count, *vocoder, predictor, random);
  return out;
}

SpeechLosses speech_losses(const SynthesizeNetwork& network, const SpeechModel::Taught& taught,
                           std::span<const EncodedSpeech* const> sounds, Mode mode) {
  SpeechLosses out{.all = network.speech().losses(taught), .vocoder = {}};
  if (network.vocoder() == nullptr) return out;
  std::vector<const VocoderSegment*> segments;
  std::vector<float> frames;
  for (const EncodedSpeech* each : sounds) {
    segments.push_back(&each->segment);
    frames.push_back(static_cast<float>(each->frames.steps()));
  }
  out.vocoder = network.vocoder()->losses(segments, mode);
  out.all = out.all + out.vocoder * cast(Tensor::from(frames, {std::ssize(frames)}), out.all.dtype());
  return out;
}

}  // namespace recur
