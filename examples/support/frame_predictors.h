// Networks that watch a sequence of frames and predict the next ones.
//
// A predictor reads each frame and predicts the one that follows; when it has seen all, it reads its own predictions
// instead. So one network is encoder and forecaster, and gradients go through all steps, predictions included.
//
// Frames are given as patches: squares of pixels are channels, as in Shi et al., "Convolutional LSTM network: a machine
// learning approach for precipitation nowcasting" (2015).
#pragma once

#include <recur/recur.h>

#include <cstdint>
#include <memory>

namespace examples {

inline constexpr int64_t kFrameSide = 64;                      // pixels
inline constexpr int64_t kPatchSide = 4;                       // of a square that becomes kPatchSide^2 channels
inline constexpr int64_t kGridSide = kFrameSide / kPatchSide;  // the patches of a row
inline constexpr int64_t kFramePixels = kFrameSide * kFrameSide;

// Frames [T, B, 4096] in 0 .. 1, row by row, as patches [T, B, 16 channels * 16 * 16], and back.
recur::Tensor frames_to_patches(const recur::Tensor& frames);
recur::Tensor patches_to_frames(const recur::Tensor& patches);

class FramePredictor : public recur::Module {
 public:
  // seen [T, B, 4096], patches -> logits [T - 1 + ahead, B, 4096] of frames 2 .. T + ahead; ahead >= 1.
  recur::Tensor operator()(const recur::Tensor& seen, int64_t ahead) const;

 protected:
  explicit FramePredictor(const recur::Recurrent& network) : network_(network) {}

  virtual recur::Tensor enter(const recur::Tensor& frames) const = 0;  // [T, B, 4096] -> [T, B, F]
  virtual recur::Tensor leave(const recur::Tensor& y) const = 0;       // [T, B, P] -> logits [T, B, 4096]

 private:
  recur::Recurrent network_;
};

// Two convolutional LSTM layers of `channels` each with kernels of 3 x 3, and a convolution of 1 x 1.
std::unique_ptr<FramePredictor> conv_lstm_predictor(int64_t channels, recur::Random& random);

// A fully connected LSTM with as many parameters, to a few per mille. Maps of a low rank lie between frames and units,
// since a full one would leave the LSTM a handful of units: frame -> R -> LSTM with a projection to R -> frame.
std::unique_ptr<FramePredictor> lstm_predictor(int64_t parameters, recur::Random& random);

}  // namespace examples
