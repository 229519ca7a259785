// The network of recognition: what reads a frame; convolutions along time, recurrent layers and convolutions beside
// them; pooling over time; linear output.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/nn/frame_encoder.h"
#include "recur/nn/linear.h"
#include "recur/nn/pooling.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/time_conv.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/recognize/part_network.h"
#include "recur/tasks/recognize/recognize_options.h"

namespace recur {

struct RecognizeSizes {
  int64_t features = 0, classes = 0;
  bool each_frame = false;                            // an output a frame, else one a clip
  int64_t height = 0, width = 0, frame_channels = 0;  // of pictures; 0: numbers
  int64_t joints = 0, joint_features = 0;             // of a skeleton
};

// Clips side by side, the shorter ones padded with zeros.
struct ClipBatch {
  Tensor x;  // [T, B, F]
  std::vector<int64_t> lengths;
};

// Throws Error when the options ask for more than `elements` parameters, found without making any.
void check_size(const RecognizeModelOptions& options, const RecognizeSizes& sizes, int64_t elements);

// Parameters: frames.* of pictures, parts.* of network "parts", conv.*, rnn.*, pooling.*, fcn.*, decoder.*.
class RecognizeNetwork : public Module {
 public:
  // Network and pooling must have been chosen.
  RecognizeNetwork(const RecognizeModelOptions& options, const RecognizeSizes& sizes, Random& random);

  // [B, C], or [T, B, C] of each frame.
  Tensor operator()(const ClipBatch& batch, Mode mode, GradientTrace* trace = nullptr) const;
  // What the recurrent layers read of x [T, 1, F], in evaluation.
  RecurrentReading recurrent(const Tensor& x) const;
  // How much attention pooling reads of each frame, [T]; undefined without it.
  Tensor attention(const Tensor& x) const;

  // One clip as its frames arrive, of layers that read forwards.
  class Stepper {
   public:
    explicit Stepper(const RecognizeNetwork& network);
    // x [F] -> scores [C] of this frame or, where clips have labels, of the clip so far.
    std::span<const float> step(std::span<const float> x);

   private:
    const RecognizeNetwork* network_;
    std::optional<PartNetwork::Stepper> parts_;
    Stream rnn_;
    int64_t steps_ = 0;
    std::vector<float> read_, y_, pooled_, out_;
  };
  // All that keeps it from doing so; none where it can.
  std::vector<std::string> no_stream() const;

 private:
  Tensor read_frames(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const;
  struct Call {
    const std::vector<int64_t>& lengths;
    Mode mode;
    GradientTrace* trace = nullptr;
  };
  Tensor front(const Tensor& x, const Call& call) const;
  Tensor read_recurrently(const Tensor& x, const Call& call) const;
  Tensor drop(const Tensor& x, Mode mode) const;

  RecognizeModelOptions options_;
  RecognizeSizes sizes_;
  std::optional<FrameEncoder> frames_;
  std::optional<PartNetwork> parts_;
  std::optional<ConvStack> conv_;
  std::optional<Recurrent> rnn_;
  std::optional<Pooling> pooling_;
  std::optional<ConvStack> fcn_;
  std::optional<Linear> decoder_;
};

// Networks side by side. Parameters: those of the network when options.members is 1; of several, the k-th's begin with
// "k.".
class RecognizeModel : public Module {
 public:
  RecognizeModel(const RecognizeModelOptions& options, const RecognizeSizes& sizes, Random& random);

  Tensors outputs(const ClipBatch& batch, Mode mode, GradientTrace* trace = nullptr) const;
  // Logarithms of the mean probabilities of all, in evaluation and f32.
  Tensor answer(const ClipBatch& batch) const;

  const std::vector<RecognizeNetwork>& members() const { return members_; }

 private:
  std::vector<RecognizeNetwork> members_;
};

}  // namespace recur
