// The network that turns characters into frames: after Wang et al., "Tacotron: towards end-to-end speech synthesis"
// (2017), and Shen et al., "Natural TTS synthesis by conditioning WaveNet on mel spectrogram predictions" (2018).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/files/frame_rows.h"
#include "recur/nn/attention_decoder.h"
#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/time_conv.h"
#include "recur/tasks/synthesize/speech_text.h"
#include "recur/tasks/synthesize/synthesize_options.h"

namespace recur {

struct SpeechSizes {
  int64_t symbols = 0, bands = 0;  // V and F
};

// A lower bound on its parameters, found without making any.
double least_speech_parameters(const SynthesizeModelOptions& options, const SpeechSizes& sizes);

// What is learnt from: texts, and scaled frames.
struct SpeechPair {
  const SpeechSymbols* symbols;
  const FrameRows* frames;
};

// How a text was spoken.
struct SpokenFrames {
  FrameRows frames;                         // [T, F], scaled
  std::vector<std::vector<float>> weights;  // [steps][symbols] of the attention
  // "stop": the network said so; "attention": it had read to the end and stayed there; "bound": it had to be stopped.
  std::string ended;
};

struct SpeakLimits {
  double frames_per_symbol = 8;  // of the training sounds; a text may take three times as many, and a second
  int64_t linger = 20;  // frames after which a decoder that looks at the end of its text is taken to have ended
};

// U steps of the decoder, each of R frames.
// Parameters: embedding.*, conv0.*, ..., encoder.*, prenet0.*, prenet1.*, decoder.*, frames.*, stop.*, post0.*, ....
class SpeechModel : public Module {
 public:
  SpeechModel(const SynthesizeOptions& options, const SpeechSizes& sizes, Random& random);

  struct Taught {
    Tensor before, after;                         // [U R, B, F], without and with the last convolutions
    Tensor stop;                                  // [U, B], log-odds that a step is the last
    Tensor weights;                               // [U, B, S]
    Tensor target;                                // [U R, B, F], the last frame repeated
    std::vector<int64_t> frames, steps, symbols;  // of each text
  };
  // With the right frames as what came before (teacher forcing).
  Taught teach(std::span<const SpeechPair> pairs, Mode mode, GradientTrace* trace = nullptr) const;
  // The loss of each text [B], as a sum over its frames: |d| + d^2 of the bands, of both kinds of frames; for each step
  // R times the cross-entropy of its end, and `guide` times what of the attention is far from the diagonal (Tachibana,
  // Uenoyama and Aihara, "Efficiently trainable text-to-speech system", 2017).
  Tensor losses(const Taught& taught) const;

  // Without. Each text is as alone. In evaluation, and without a graph.
  std::vector<SpokenFrames> speak(std::span<const SpeechSymbols* const> texts, const SpeakLimits& limits) const;

  int64_t reduction() const { return options_.model.reduction; }
  DType dtype() const { return stop_.weight->dtype(); }

 private:
  struct Read {
    AttentionMemory memory;
    DecoderState first;
    std::vector<int64_t> lengths;
  };
  Read read(std::span<const SpeechSymbols* const> texts, Mode mode, GradientTrace* trace) const;
  Tensor before_decoder(const Tensor& frames, Mode mode) const;
  Tensor frames_of(const Tensor& features) const;
  Tensor bettered(const Tensor& frames, const std::vector<int64_t>& lengths) const;

  SynthesizeOptions options_;
  int64_t bands_;
  Embedding embedding_;
  std::vector<TimeConv> convolutions_;
  Recurrent encoder_;
  std::vector<Linear> prenet_;
  AttentionDecoder decoder_;
  Linear frames_, stop_;
  std::vector<TimeConv> post_;
};

}  // namespace recur
