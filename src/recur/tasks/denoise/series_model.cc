#include "recur/tasks/denoise/series_model.h"

#include <fmt/format.h>

#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"
#include "recur/tasks/denoise/denoise_layers.h"

namespace recur {
namespace {

constexpr int64_t kTaps = 5;

// What is added to a sum of blocks starts small, so that a deep network starts near the identity.
void make_small(const Parameter& weight) {
  Tensor values = weight.own();
  for (float& value : std::span(values.data<float>(), static_cast<size_t>(values.numel()))) value *= 0.1f;
}

TimeConv time_conv_of(int64_t in, int64_t out, Random& random) {
  return TimeConv({.in = in, .out = out, .kernel = kTaps}, random);
}

// Features of a step that the recurrent layers read and that are made of what they see.
int64_t step_features(const DenoiseModelOptions& options, int64_t channels) {
  return options.network == "conv" ? options.width : channels;
}

RecurrentOptions layers_over_time(const DenoiseModelOptions& options, int64_t channels) {
  RecurrentOptions out = options.rnn;
  out.input = step_features(options, channels);
  out.dropout = options.dropout;
  out.bidirectional = out.bidirectional || options.network == "conv";
  return out;
}

// [T, N, C side] of pictures [N, C, 1, T side] of one row, and back.
Tensor steps_of(const Tensor& x, int64_t side) {
  const int64_t images = x.size(0), channels = x.size(1), steps = x.size(3) / side;
  return reshape(permute(reshape(x, {images, channels, steps, side}), {2, 0, 1, 3}), {steps, images, channels * side});
}

Tensor row_of(const Tensor& steps, int64_t side) {
  const int64_t count = steps.size(0), images = steps.size(1), channels = steps.size(2) / side;
  const Tensor apart = permute(reshape(steps, {count, images, channels, side}), {1, 2, 0, 3});
  return reshape(apart, {images, channels, 1, count * side});
}

}  // namespace

void check_series_size(const DenoiseModelOptions& options, const DenoiseSizes& sizes, int64_t elements) {
  const auto width = static_cast<double>(step_features(options, sizes.channels));
  double least = least_layers(options, sizes.patch) + width;
  if (options.network == "conv") least += static_cast<double>(options.blocks) * 2 * kTaps * width * width;
  check_least_parameters(least, elements);
}

TimeBlock::TimeBlock(int64_t channels, Random& random)
    : first_(time_conv_of(channels, channels, random)), second_(time_conv_of(channels, channels, random)) {
  make_small(second_.weight);
  register_module("first", first_);
  register_module("second", second_);
}

Tensor TimeBlock::operator()(const Tensor& x) const { return x + second_(relu(first_(x))); }

SeriesModel::SeriesModel(const DenoiseModelOptions& options, const DenoiseSizes& sizes, Random& random)
    : DenoiseNetwork(sizes.channels),
      options_(options),
      recurrent_(layers_of(layers_over_time(options, sizes.channels), sizes.patch, random)),
      output_({.in = recurrent_.output_features(), .out = step_features(options, sizes.channels)}, random) {
  if (is_conv()) make_convolutions(random);
  register_module("recurrent", recurrent_);
  register_module(is_conv() ? "project" : "output", output_);
}

void SeriesModel::make_convolutions(Random& random) {
  const int64_t inputs = channels() * options_.shrink, width = options_.width;
  ends_ = {time_conv_of(inputs, width, random), time_conv_of(width, inputs, random)};
  make_small(ends_[1].weight);
  make_small(output_.weight);
  register_module("head", ends_[0]);
  register_module("tail", ends_[1]);
  for (int64_t k = 0; k < options_.blocks; ++k) {
    const bool is_before = k < options_.blocks / 2;
    std::vector<TimeBlock>& to = is_before ? before_ : after_;
    to.emplace_back(width, random);
    register_module(fmt::format("{}{}", is_before ? "before" : "after", to.size() - 1), to.back());
  }
}

Tensor SeriesModel::noise(const Tensor& x, Mode mode, GradientTrace* trace) const {
  const int64_t side = unit().width;
  const Tensor steps = steps_of(x, side);
  if (is_conv()) return row_of(noise_by_convolution(steps, mode, trace), side);
  return row_of(output_(recurrent_(steps, {.mode = mode, .trace = trace}).y), side);
}

Tensor SeriesModel::noise_by_convolution(const Tensor& steps, Mode mode, GradientTrace* trace) const {
  Tensor h = relu(ends_[0](steps));
  const Tensor shallow = h;
  for (const TimeBlock& block : before_) h = block(h);
  h = h + output_(recurrent_(h, {.mode = mode, .trace = trace}).y);
  for (const TimeBlock& block : after_) h = block(h);
  return ends_[1](relu(h + shallow));
}

}  // namespace recur
