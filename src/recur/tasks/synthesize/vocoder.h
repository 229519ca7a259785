// A recurrent network that makes sound of frames, sample by sample: a WaveRNN (Kalchbrenner et al., "Efficient neural
// audio synthesis", 2018) that draws the error of a linear prediction, as LPCNet (Valin and Skoglund, "LPCNet:
// improving neural speech synthesis through linear prediction", 2019).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/audio/linear_prediction.h"
#include "recur/nn/aligned.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/stream.h"
#include "recur/nn/stream_layer.h"
#include "recur/nn/time_conv.h"
#include "recur/tasks/synthesize/synthesize_options.h"

namespace recur {

struct VocoderSizes {
  int64_t bands = 0, hop = 0;  // F, and samples a frame
};

// A lower bound on its parameters, found without making any.
double least_vocoder_parameters(const SynthesizeVocoderOptions& options, const VocoderSizes& sizes);

// n frames of a sound that the network learns from, and their samples.
struct VocoderSegment {
  FrameRows frames;              // [n + 2 kAround, F], scaled, zeros beyond the ends of the sound
  std::vector<float> inputs;     // [n hop, 3]: the sample before, the prediction, the level drawn before; companded
  std::vector<int32_t> targets;  // [n hop] levels
};

// Of the samples of a pre-emphasised sound y, the error e_t = y_t - p_t of the prediction p_t from the samples before
// is drawn from a softmax over mu-law levels, by a GRU that reads y_(t-1), p_t, e_(t-1) and the features that two
// convolutions make of the frame and its neighbours.
// Parameters: conv0.*, conv1.*, rnn.*, output.*.
class Vocoder : public Module {
 public:
  static constexpr int64_t kAround = 2;  // frames on each side that the features of one see

  Vocoder(const SynthesizeVocoderOptions& options, const VocoderSizes& sizes, Random& random);

  // Scores of the levels before a softmax: [T, B, V], T samples of the longest segment.
  Tensor logits(std::span<const VocoderSegment* const> segments, Mode mode) const;
  // Mean loss of a sample of each segment, in nats: [B].
  Tensor losses(std::span<const VocoderSegment* const> segments, Mode mode) const;
  // Frames [n + 2 kAround, B, F] -> [n, B, C].
  Tensor features(const Tensor& frames) const;

  // The same in f32, in which streams go: this one itself, or one with its parameters rounded.
  Vocoder in_f32() const;

  const SynthesizeVocoderOptions& options() const { return options_; }
  int64_t hop() const { return hop_; }
  int32_t levels() const { return static_cast<int32_t>(options_.levels); }

 private:
  friend class VocoderStream;

  SynthesizeVocoderOptions options_;
  int64_t bands_, hop_;
  TimeConv conv0_, conv1_;
  Recurrent rnn_;
  Linear output_;
};

// What a segment is cut out of.
struct VocoderSource {
  const FrameRows& scaled;         // [T, F]
  const FrameRows& frames;         // the same, not scaled, for the prediction
  std::span<const float> samples;  // T hops at most
};

// Frames first .. first + count - 1. The samples that the network reads are those that it would have made itself by
// levels that are off by a normal number times `noise` of the options: it learns to get back to the right ones.
VocoderSegment cut_segment(const VocoderSource& source, int64_t first, int64_t count, const Vocoder& vocoder,
                           const MelPredictor& predictor, Random& random);

// The network one sample at a time, with the weights as they were when it was made. REQUIRES: a vocoder in f32.
class VocoderStream {
 public:
  VocoderStream(const Vocoder& vocoder, double temperature, Random random);

  // The samples of the next frame by its features [C] and coefficients of prediction [order]: out [hop], in [-1, 1].
  // Allocates nothing, takes no lock.
  void frame(std::span<const float> features, std::span<const float> prediction, std::span<float> out);

 private:
  int32_t draw(const float* h);

  int64_t order_, hop_;
  int32_t levels_;
  float heat_;  // 1 / temperature; 0: the most probable level
  Random random_;
  Stream rnn_;
  PackedPanels output_;
  AlignedVector<float> scratch_, x_, h_, logits_;
  std::vector<float> past_;  // [order + hop] of y
  float level_ = 0;          // drawn last, companded
  float sample_ = 0;         // of the sound, without pre-emphasis
};

}  // namespace recur
