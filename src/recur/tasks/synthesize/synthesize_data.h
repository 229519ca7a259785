// Sounds as networks learn from them, and the losses of both networks.
#pragma once

#include <span>
#include <vector>

#include "recur/tasks/synthesize/synthesize_trained.h"

namespace recur {

struct EncodedSpeech {
  SpeechSymbols symbols;
  FrameRows frames;        // scaled
  VocoderSegment segment;  // empty without a vocoder
};

// With a part for the vocoder, at a place that is drawn.
EncodedSpeech encode_speech(const SpokenSound& sound, const SpeechSymbols& symbols, const SynthesizeTrained& trained,
                            Random& random);

struct SpeechLosses {
  Tensor all;      // [B], sums over the frames of each sound; the vocoder's loss counts once a frame
  Tensor vocoder;  // [B], nats a sample; undefined without one
};
SpeechLosses speech_losses(const SynthesizeNetwork& network, const SpeechModel::Taught& taught,
                           std::span<const EncodedSpeech* const> sounds, Mode mode);

}  // namespace recur
