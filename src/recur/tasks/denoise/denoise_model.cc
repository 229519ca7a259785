#include "recur/tasks/denoise/denoise_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"
#include "recur/tasks/denoise/denoise_layers.h"

namespace recur {
namespace {

RecurrentOptions recurrent_options(const DenoiseModelOptions& options, int64_t input) {
  RecurrentOptions out = options.rnn;
  out.input = input;
  out.dropout = options.dropout;
  return out;
}

// Numbers of a step of the networks without convolutions.
int64_t step_width(const DenoiseModelOptions& options, const DenoiseSizes& sizes) {
  if (options.network == "patches") return sizes.channels * options.block_side * options.block_side;
  return sizes.channels * sizes.patch;
}

// Steps of a sequence in training.
int64_t steps_of_patch(const DenoiseModelOptions& options, const DenoiseSizes& sizes) {
  if (options.network != "patches") return sizes.patch;
  const int64_t blocks = sizes.patch / options.block_side;
  return std::max<int64_t>(blocks * blocks, 1);
}

}  // namespace

void check_size(const DenoiseModelOptions& options, const DenoiseSizes& sizes, int64_t elements) {
  double least = 0;
  if (options.network == "conv") {
    const auto width = static_cast<double>(options.width);
    least = 2 * least_layers(options, steps_of_patch(options, sizes)) +
            static_cast<double>(options.blocks) * 18 * width * width +
            9 * width * static_cast<double>(sizes.channels * options.shrink * options.shrink);
  } else {
    least = least_layers(options, steps_of_patch(options, sizes)) + static_cast<double>(step_width(options, sizes));
  }
  check_least_parameters(least, elements);
}

DenoiseModel::DenoiseModel(const DenoiseModelOptions& options, const DenoiseSizes& sizes, Random& random)
    : DenoiseNetwork(sizes.channels), options_(options), sizes_(sizes) {
  if (options.network != "conv") {
    const int64_t width = step_width(options, sizes);
    recurrent_.push_back(layers_of(recurrent_options(options, width), steps_of_patch(options, sizes), random));
    output_.emplace_back(LinearOptions{.in = recurrent_[0].output_features(), .out = width}, random);
    register_module("recurrent", recurrent_[0]);
    register_module("output", output_[0]);
    return;
  }
  const int64_t inputs = sizes.channels * options.shrink * options.shrink;
  ends_.emplace_back(ImageConvOptions{.in = inputs, .out = options.width}, random);
  register_module("head", ends_[0]);
  for (int64_t k = 0; k < options.blocks; ++k) {
    const bool is_before = k < options.blocks / 2;
    std::vector<ImageBlock>& to = is_before ? before_ : after_;
    if (k == options.blocks / 2) {
      recurrence_.emplace_back(options.width, recurrent_options(options, options.width), random);
      register_module("recurrence", recurrence_[0]);
    }
    to.emplace_back(options.width, random);
    register_module(fmt::format("{}{}", is_before ? "before" : "after", to.size() - 1), to.back());
  }
  if (recurrence_.empty()) {
    recurrence_.emplace_back(options.width, recurrent_options(options, options.width), random);
    register_module("recurrence", recurrence_[0]);
  }
  constexpr double kSmall = 0.1;  // at first nearly no noise is found
  ends_.emplace_back(ImageConvOptions{.in = options.width, .out = inputs, .gain = kSmall}, random);
  register_module("tail", ends_[1]);
}

NetworkUnit DenoiseModel::unit() const {
  const int64_t side = options_.network == "conv"      ? options_.shrink
                       : options_.network == "patches" ? options_.block_side
                                                       : sizes_.patch;
  return {side, side};
}

Tensor DenoiseModel::noise(const Tensor& x, Mode mode, GradientTrace* trace) const {
  return options_.network == "conv" ? noise_by_convolution(x, mode) : noise_by_sequence(x, mode, trace);
}

Tensor DenoiseModel::noise_by_convolution(const Tensor& x, Mode mode) const {
  Tensor h = relu(ends_[0](pixels_to_channels(x - 0.5, options_.shrink)));
  const Tensor shallow = h;
  for (const ImageBlock& block : before_) h = block(h);
  h = recurrence_[0](h, mode);
  for (const ImageBlock& block : after_) h = block(h);
  return channels_to_pixels(ends_[1](relu(h + shallow)), options_.shrink);
}

// [T, N, F]: rows from the top, columns from the left, or squares row by row.
Tensor DenoiseModel::steps_of(const Tensor& x) const {
  const int64_t images = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3);
  if (options_.network == "rows") return reshape(permute(x, {2, 0, 1, 3}), {height, images, channels * width});
  if (options_.network == "columns") return reshape(permute(x, {3, 0, 1, 2}), {width, images, channels * height});
  const Tensor blocks = permute(pixels_to_channels(x, options_.block_side), {2, 3, 0, 1});
  return reshape(blocks, {blocks.size(0) * blocks.size(1), images, blocks.size(3)});
}

// Back to [N, C, H, W] of x.
Tensor DenoiseModel::from_steps(const Tensor& y, const Shape& x) const {
  const int64_t images = x[0], channels = x[1], height = x[2], width = x[3], side = options_.block_side;
  if (options_.network == "rows") return permute(reshape(y, {height, images, channels, width}), {1, 2, 0, 3});
  if (options_.network == "columns") return permute(reshape(y, {width, images, channels, height}), {1, 2, 3, 0});
  const Tensor blocks = reshape(y, {height / side, width / side, images, channels * side * side});
  return channels_to_pixels(permute(blocks, {2, 3, 0, 1}), side);
}

Tensor DenoiseModel::noise_by_sequence(const Tensor& x, Mode mode, GradientTrace* trace) const {
  const Tensor y = recurrent_[0](steps_of(x - 0.5), {.mode = mode, .trace = trace}).y;
  return from_steps(output_[0](y), x.shape());
}

}  // namespace recur
