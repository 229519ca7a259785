// Layers for images [N, C, H, W]: convolution, residual blocks of it, and recurrent layers along both axes.
#pragma once

#include <cstdint>

#include "recur/base/random.h"
#include "recur/nn/mode.h"
#include "recur/nn/module.h"
#include "recur/nn/recurrent.h"

namespace recur {

struct ImageConvOptions {
  int64_t in = 0, out = 0;  // channels
  int64_t kernel = 3;       // K, odd: of K x K taps
  double gain = 1;          // of the initial weights
};

// x [N, C, H, W], zeros around it -> [N, O, H, W].
class ImageConv : public Module {
 public:
  ImageConv(const ImageConvOptions& options, Random& random);

  Tensor operator()(const Tensor& x) const;

  Parameter weight;  // [O, C, K, K], as PyTorch's Conv2d; starts as He et al. (2015)
  Parameter bias;    // [O], starts at 0
};

// x + conv(relu(conv(x))): a residual block (He et al., "Deep residual learning for image recognition", 2016) without
// normalisation, whose second convolution starts small instead.
class ImageBlock : public Module {
 public:
  ImageBlock(int64_t channels, Random& random);
  Tensor operator()(const Tensor& x) const;

 private:
  ImageConv first_, second_;
};

// x + what recurrent layers see along every row and every column, in both directions each, projected to the channels
// of x: Visin et al., "ReNet: a recurrent neural network based alternative to convolutional networks" (2015), but of
// rows and columns beside each other. The projection starts small.
class ImageRecurrence : public Module {
 public:
  // Of the options `input` follows from the channels, and the layers are bidirectional.
  ImageRecurrence(int64_t channels, RecurrentOptions options, Random& random);
  Tensor operator()(const Tensor& x, Mode mode) const;

 private:
  Recurrent rows_, columns_;
  ImageConv project_;
};

// Blocks of side x side pixels as channels: [N, C, H, W] -> [N, C side side, H / side, W / side], and back (Shi et al.,
// "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural network", 2016).
// H and W, or the channels, are multiples.
Tensor pixels_to_channels(const Tensor& x, int64_t side);
Tensor channels_to_pixels(const Tensor& x, int64_t side);

}  // namespace recur
