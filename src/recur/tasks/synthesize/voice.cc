#include "recur/tasks/synthesize/voice.h"

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/stop.h"
#include "recur/data/audio/griffin_lim.h"

namespace recur {

void Voice::speak(const FrameRows& frames, const VoiceOptions& options, Random random, const Piece& piece) const {
  if (frames.steps() == 0) return;
  if (options.vocoder && vocoder_ != nullptr) return run_vocoder(frames, options, random, piece);
  FrameRows own = frames;
  scales_.undo(own);
  piece(griffin_lim(spectrum_.stft(), spectrum_.magnitudes(own), {.steps = options.griffin_lim_steps}, random));
}

std::vector<float> Voice::sound(const FrameRows& frames, const VoiceOptions& options, Random random) const {
  std::vector<float> out;
  speak(frames, options, random, [&](std::span<const float> piece) {
    out.insert(out.end(), piece.begin(), piece.end());
    return true;
  });
  return out;
}

void Voice::run_vocoder(const FrameRows& frames, const VoiceOptions& options, Random random, const Piece& piece) const {
  constexpr int64_t kFramesOfPiece = 8;
  const autograd::NoGrad no_grad;
  const Vocoder vocoder = vocoder_->in_f32();
  const int64_t count = frames.steps(), bands = frames.width, hop = vocoder.hop();
  const auto order = static_cast<size_t>(vocoder.options().order);
  const auto width = static_cast<size_t>(vocoder.options().features);
  Tensor around = Tensor::zeros({count + 2 * Vocoder::kAround, 1, bands});
  std::ranges::copy(frames.values, around.data<float>() + Vocoder::kAround * bands);
  const Tensor features = vocoder.features(around);
  FrameRows own = frames;
  scales_.undo(own);
  const std::vector<float> filters = MelPredictor(spectrum_, vocoder.options().order)(own);
  VocoderStream stream(vocoder, options.temperature, random);
  std::vector<float> out(static_cast<size_t>(kFramesOfPiece * hop));
  for (int64_t t = 0; t < count;) {
    check_stop();
    int64_t made = 0;
    for (; made < kFramesOfPiece && t < count; ++made, ++t) {
      const auto at = static_cast<size_t>(t);
      stream.frame(features.values<float>().subspan(at * width, width), std::span(filters).subspan(at * order, order),
                   std::span(out).subspan(static_cast<size_t>(made * hop), static_cast<size_t>(hop)));
    }
    if (!piece(std::span(out).first(static_cast<size_t>(made * hop)))) return;
  }
}

FrameRows at_pace(const FrameRows& frames, double speed) {
  if (speed == 1 || frames.steps() == 0) return frames;
  const int64_t had = frames.steps();
  const auto count = std::max<int64_t>(1, std::llround(static_cast<double>(had) / speed));
  FrameRows out{.values = {}, .width = frames.width};
  for (int64_t t = 0; t < count; ++t) {
    const double at = std::min(static_cast<double>(t) * speed, static_cast<double>(had - 1));
    const auto below = static_cast<int64_t>(at);
    const int64_t above = std::min(below + 1, had - 1);
    const auto share = static_cast<float>(at - static_cast<double>(below));
    for (int64_t f = 0; f < frames.width; ++f) {
      const float a = frames.values[static_cast<size_t>(below * frames.width + f)];
      const float b = frames.values[static_cast<size_t>(above * frames.width + f)];
      out.values.push_back(a + share * (b - a));
    }
  }
  return out;
}

}  // namespace recur
