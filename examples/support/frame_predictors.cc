#include "examples/support/frame_predictors.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "recur/nn/image_conv.h"
#include "recur/nn/layers/conv_lstm.h"

namespace examples {
namespace {

using recur::Random;
using recur::Tensor;

// Most pixels are black: where training starts, all are predicted to be white with a probability of 0.05.
constexpr float kFirstLogit = -3;

void start_black(recur::Parameter& bias) {
  Tensor start = bias;
  std::fill_n(start.data<float>(), start.numel(), kFirstLogit);
}

class ConvLstmPredictor : public FramePredictor {
 public:
  ConvLstmPredictor(const recur::Recurrent& network, Random& random)
      : FramePredictor(network),
        head_({.in = network.options().hidden, .out = kPatchSide * kPatchSide, .kernel = 1}, random) {
    start_black(head_.bias);
    register_module("network", network);
    register_module("head", head_);
  }

 protected:
  Tensor enter(const Tensor& frames) const override { return frames; }
  Tensor leave(const Tensor& y) const override {
    const int64_t T = y.size(0), B = y.size(1);
    return reshape(head_(reshape(y, {T * B, -1, kGridSide, kGridSide})), {T, B, kFramePixels});
  }

 private:
  recur::ImageConv head_;
};

class LstmPredictor : public FramePredictor {
 public:
  LstmPredictor(const recur::Recurrent& network, Random& random)
      : FramePredictor(network),
        tail_({.in = kFramePixels, .out = network.options().input, .bias = false}, random),
        head_({.in = network.output_features(), .out = kFramePixels}, random) {
    start_black(head_.bias);
    register_module("tail", tail_);
    register_module("network", network);
    register_module("head", head_);
  }

 protected:
  Tensor enter(const Tensor& frames) const override { return tail_(frames); }
  Tensor leave(const Tensor& y) const override { return head_(y); }

 private:
  recur::Linear tail_, head_;
};

}  // namespace

Tensor frames_to_patches(const Tensor& frames) {
  const int64_t T = frames.size(0), B = frames.size(1);
  const Tensor images = reshape(frames, {T * B, 1, kFrameSide, kFrameSide});
  return reshape(recur::pixels_to_channels(images, kPatchSide), {T, B, kFramePixels});
}

Tensor patches_to_frames(const Tensor& patches) {
  const int64_t T = patches.size(0), B = patches.size(1);
  const Tensor images = reshape(patches, {T * B, kPatchSide * kPatchSide, kGridSide, kGridSide});
  return reshape(recur::channels_to_pixels(images, kPatchSide), {T, B, kFramePixels});
}

Tensor FramePredictor::operator()(const Tensor& seen, int64_t ahead) const {
  recur::RecurrentOutput out = network_(enter(seen));
  recur::Tensors logits{leave(out.y)};
  for (int64_t k = 1; k < ahead; ++k) {
    const Tensor& last = logits.back();
    const Tensor predicted = sigmoid(rows(last, last.size(0) - 1, last.size(0)));
    out = network_(enter(predicted), {.state = out.state});
    logits.push_back(leave(out.y));
  }
  return concat(logits, 0);
}

std::unique_ptr<FramePredictor> conv_lstm_predictor(int64_t channels, Random& random) {
  const std::vector kinds{recur::conv_lstm_kind({.height = kGridSide, .width = kGridSide})};
  const recur::Recurrent network(
      {.cell = "conv_lstm", .input = kFramePixels, .hidden = channels, .layers = 2, .forget_bias = 1}, random, kinds);
  return std::make_unique<ConvLstmPredictor>(network, random);
}

std::unique_ptr<FramePredictor> lstm_predictor(int64_t parameters, Random& random) {
  // Of the parameters, this share is that of the maps, [R, 4096] and [4096, R]; the rest makes units.
  constexpr double kShareOfMaps = 0.8;
  const int64_t free = parameters - kFramePixels, of_a_rank = 2 * kFramePixels;
  const int64_t R = std::max<int64_t>(1, static_cast<int64_t>(kShareOfMaps * static_cast<double>(free)) / of_a_rank);
  // A unit has four gates over the frame, the projected h and two biases, and its column of the projection.
  const int64_t of_a_unit = 4 * (R + R + 2) + R, left = free - R * of_a_rank;
  const int64_t H = std::max<int64_t>(1, (left + of_a_unit / 2) / of_a_unit);
  const recur::Recurrent network({.cell = "lstm", .input = R, .hidden = H, .projection = R, .forget_bias = 1}, random);
  return std::make_unique<LstmPredictor>(network, random);
}

}  // namespace examples
