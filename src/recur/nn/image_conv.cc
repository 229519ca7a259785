#include "recur/nn/image_conv.h"

#include <utility>

#include "recur/nn/init.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/conv.h"
#include "recur/ops/reshape.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

// What is added to a sum of blocks starts small, so that a deep network starts near the identity.
constexpr double kSmall = 0.1;

RecurrentOptions both_ways(RecurrentOptions options, int64_t input) {
  options.input = input;
  options.bidirectional = true;
  return options;
}

}  // namespace

ImageConv::ImageConv(const ImageConvOptions& options, Random& random) {
  const auto& [in, out, kernel, gain] = options;
  if (in < 1 || out < 1 || kernel < 1 || kernel % 2 == 0) {
    fail("ImageConv: expected channels of at least 1 and an odd kernel, got {}, {} and {}", in, out, kernel);
  }
  Tensor start = Tensor::empty({out, in, kernel, kernel});
  init::kaiming_normal(start, random);
  for (float& value : std::span(start.data<float>(), static_cast<size_t>(start.numel()))) {
    value *= static_cast<float>(gain);
  }
  weight = start;
  bias = Tensor::zeros({out});
  register_parameter("weight", weight);
  register_parameter("bias", bias);
}

Tensor ImageConv::operator()(const Tensor& x) const {
  const int64_t around = (weight->size(2) - 1) / 2;
  return conv2d(x, weight, bias, {.padding = {around, around}});
}

ImageBlock::ImageBlock(int64_t channels, Random& random)
    : first_({.in = channels, .out = channels}, random),
      second_({.in = channels, .out = channels, .gain = kSmall}, random) {
  register_module("first", first_);
  register_module("second", second_);
}

Tensor ImageBlock::operator()(const Tensor& x) const { return x + second_(relu(first_(x))); }

ImageRecurrence::ImageRecurrence(int64_t channels, RecurrentOptions options, Random& random)
    : rows_(both_ways(options, channels), random),
      columns_(both_ways(std::move(options), channels), random),
      project_(
          {.in = rows_.output_features() + columns_.output_features(), .out = channels, .kernel = 1, .gain = kSmall},
          random) {
  register_module("rows", rows_);
  register_module("columns", columns_);
  register_module("project", project_);
}

Tensor ImageRecurrence::operator()(const Tensor& x, Mode mode) const {
  const int64_t images = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3);
  // Rows [W, N H, C]: a step is a column of the image, a sequence one of its rows.
  const Tensor along_rows = reshape(permute(x, {3, 0, 2, 1}), {width, images * height, channels});
  const Tensor along_columns = reshape(permute(x, {2, 0, 3, 1}), {height, images * width, channels});
  const Tensor seen_in_rows = reshape(rows_(along_rows, {.mode = mode}).y, {width, images, height, -1});
  const Tensor seen_in_columns = reshape(columns_(along_columns, {.mode = mode}).y, {height, images, width, -1});
  return x + project_(concat({permute(seen_in_rows, {1, 3, 2, 0}), permute(seen_in_columns, {1, 3, 0, 2})}, 1));
}

Tensor pixels_to_channels(const Tensor& x, int64_t side) {
  if (side == 1) return x;
  if (x.rank() != 4 || x.size(2) % side != 0 || x.size(3) % side != 0) {
    fail("pixels_to_channels: expected x [N, C, H, W] of multiples of {}, got {}", side, x.shape().str());
  }
  const int64_t images = x.size(0), channels = x.size(1), height = x.size(2) / side, width = x.size(3) / side;
  const Tensor parts = permute(reshape(x, {images, channels, height, side, width, side}), {0, 1, 3, 5, 2, 4});
  return reshape(parts, {images, channels * side * side, height, width});
}

Tensor channels_to_pixels(const Tensor& x, int64_t side) {
  if (side == 1) return x;
  if (x.rank() != 4 || x.size(1) % (side * side) != 0) {
    fail("channels_to_pixels: expected x [N, C, H, W] with a multiple of {} channels, got {}", side * side,
         x.shape().str());
  }
  const int64_t images = x.size(0), channels = x.size(1) / (side * side), height = x.size(2), width = x.size(3);
  const Tensor parts = permute(reshape(x, {images, channels, side, side, height, width}), {0, 1, 4, 2, 5, 3});
  return reshape(parts, {images, channels, height * side, width * side});
}

}  // namespace recur
