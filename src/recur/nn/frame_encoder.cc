#include "recur/nn/frame_encoder.h"

#include <fmt/format.h>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/pool.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {

FrameEncoder::FrameEncoder(const FrameEncoderOptions& options, Random& random) : options_(options) {
  if (options.height < 1 || options.width < 1 || options.channels < 1 || options.widths.empty()) {
    fail("FrameEncoder: expected pictures and at least one stage, got {} x {} of {} channels and {} stages",
         options.height, options.width, options.channels, options.widths.size());
  }
  int64_t in = options.channels;
  for (const int64_t width : options.widths) {
    layers_.push_back(new_layer(in, width, /*relu=*/true, random));
    for (int64_t k = 0; k < options.blocks; ++k) {
      layers_.push_back(new_layer(width, width, /*relu=*/true, random));
      layers_.push_back(new_layer(width, width, /*relu=*/false, random));
    }
    in = width;
  }
  for (size_t k = 0; k < layers_.size(); ++k) {
    register_module(fmt::format("conv{}", k), layers_[k].conv);
    register_module(fmt::format("norm{}", k), layers_[k].norm);
  }
}

FrameEncoder::Layer FrameEncoder::new_layer(int64_t in, int64_t out, bool relu, Random& random) {
  return {.conv = ImageConv({.in = in, .out = out}, random),
          .norm = BatchNorm({.channels = out, .renormalize = true, .relu = relu})};
}

Tensor FrameEncoder::run(size_t layer, const Tensor& x, Mode mode) const {
  return layers_[layer].norm(layers_[layer].conv(x), mode);
}

Tensor FrameEncoder::map(const Tensor& x, Mode mode) const {
  const int64_t frames = x.size(0);
  if (x.rank() != 2 || x.size(1) != options_.height * options_.width * options_.channels) {
    fail("FrameEncoder: expected x [N, {}], got {}", options_.height * options_.width * options_.channels,
         x.shape().str());
  }
  Tensor h = permute(reshape(x, {frames, options_.height, options_.width, options_.channels}), {0, 3, 1, 2});
  size_t layer = 0;
  for (size_t stage = 0; stage < options_.widths.size(); ++stage) {
    h = run(layer++, h, mode);
    for (int64_t k = 0; k < options_.blocks; ++k, layer += 2) {
      h = relu(h + run(layer + 1, run(layer, h, mode), mode));
    }
    if (h.size(2) >= 2 && h.size(3) >= 2) h = max_pool2d(h, {.kernel = {2, 2}});
  }
  return h;
}

Tensor FrameEncoder::operator()(const Tensor& x, Mode mode) const {
  if (x.size(0) == 0) return Tensor::zeros({0, output_features()}, x.dtype());
  const Tensor h = map(x, mode);
  return mean(reshape(h, {h.size(0), h.size(1), h.size(2) * h.size(3)}), 2);
}

Tensor FrameEncoder::regions(const Tensor& x, Mode mode) const {
  const Tensor h = map(x, mode);
  return reshape(permute(h, {0, 2, 3, 1}), {h.size(0), h.size(2) * h.size(3), h.size(1)});
}

std::pair<int64_t, int64_t> FrameEncoder::map_size() const {
  int64_t height = options_.height, width = options_.width;
  for (size_t stage = 0; stage < options_.widths.size() && height >= 2 && width >= 2; ++stage) {
    height /= 2;
    width /= 2;
  }
  return {height, width};
}

}  // namespace recur
