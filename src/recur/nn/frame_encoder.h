// A picture becomes a vector: the part of a network that reads each frame of a clip by itself.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "recur/base/random.h"
#include "recur/nn/image_conv.h"
#include "recur/nn/mode.h"
#include "recur/nn/module.h"
#include "recur/nn/norm.h"

namespace recur {

struct FrameEncoderOptions {
  int64_t height = 0, width = 0, channels = 1;
  std::vector<int64_t> widths = {16, 32, 64};  // channels of each stage
  int64_t blocks = 1;                          // residual blocks of a stage
};

// Stages of a convolution, residual blocks and a maximum over squares of two pixels, each convolution of 3 x 3 with
// batch renormalisation; then the mean over all places: the pattern of He et al., "Deep residual learning for image
// recognition" (2016), small.
class FrameEncoder : public Module {
 public:
  FrameEncoder(const FrameEncoderOptions& options, Random& random);

  // x [N, H W C], row-major -> [N, E].
  Tensor operator()(const Tensor& x, Mode mode) const;
  // The same before the mean over places: [N, map_height() map_width(), E], row by row.
  Tensor regions(const Tensor& x, Mode mode) const;
  int64_t map_height() const { return map_size().first; }
  int64_t map_width() const { return map_size().second; }

  int64_t output_features() const { return options_.widths.back(); }

 private:
  struct Layer {
    ImageConv conv;
    BatchNorm norm;
  };
  Layer new_layer(int64_t in, int64_t out, bool relu, Random& random);
  Tensor run(size_t layer, const Tensor& x, Mode mode) const;
  Tensor map(const Tensor& x, Mode mode) const;  // [N, E, map height, map width]
  std::pair<int64_t, int64_t> map_size() const;

  FrameEncoderOptions options_;
  std::vector<Layer> layers_;  // of each stage one, and two a block
};

}  // namespace recur
