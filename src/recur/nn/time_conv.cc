#include "recur/nn/time_conv.h"

#include <algorithm>

#include "recur/autograd/trace.h"
#include "recur/nn/init.h"
#include "recur/nn/packing.h"
#include "recur/nn/pooling.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/matmul.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {

TimeConv::TimeConv(const TimeConvOptions& options, Random& random) : options_(options) {
  const auto& [in, out, kernel, stride] = options;
  if (in < 1 || out < 1 || kernel < 1 || stride < 1) {
    fail("TimeConv: in, out, kernel and stride must be at least 1, got {}, {}, {} and {}", in, out, kernel, stride);
  }
  weight = Tensor::empty({out, in, kernel});
  init::kaiming_uniform(weight, random);
  bias = Tensor::zeros({out});
  register_parameter("weight", weight);
  register_parameter("bias", bias);
}

Tensor TimeConv::operator()(const Tensor& x) const { return time_conv(x, weight, bias, options_.stride); }

namespace {

struct OutputSteps {
  int64_t count, stride;
};

// What the taps see, one behind another: with it a convolution is one matrix product over all steps and sequences.
Tensor inside_of(const Tensor& x, const Tensor& weight, const Tensor& bias, OutputSteps to) {
  const int64_t out = weight.size(0), in = weight.size(1), kernel = weight.size(2);
  Tensors taps;
  for (int64_t k = 0; k < kernel; ++k) {
    if (to.stride == 1) {
      taps.push_back(rows(x, k, k + to.count));
      continue;
    }
    std::vector<int32_t> at;
    for (int64_t t = 0; t < to.count; ++t) at.push_back(static_cast<int32_t>(t * to.stride + k));
    taps.push_back(index_select(x, Tensor::from(at, {to.count})));
  }
  const Tensor by_tap = reshape(permute(weight, {0, 2, 1}), {out, kernel * in});
  return linear(concat(taps, 2), by_tap, bias);
}

}  // namespace

Tensor TimeConv::inside(const Tensor& x, int64_t steps) const {
  return inside_of(x, weight, bias, {steps, options_.stride});
}

Tensor time_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride) {
  const int64_t out = weight.size(0), in = weight.size(1), kernel = weight.size(2);
  if (x.rank() != 3 || x.size(2) != in) fail("TimeConv: x: expected [T, B, {}], got {}", in, x.shape().str());
  if (Trace* trace = tracing())
    return trace->op_with_twin(
        "time_conv", {x, weight, bias}, {{"stride", stride}}, [&] { return time_conv(x, weight, bias, stride); },
        [&] { return time_conv_twin(x, weight, bias, stride); });
  const int64_t batch = x.size(1), steps = strided(x.size(0), stride);
  if (steps == 0) return Tensor::zeros({0, batch, out}, x.dtype());
  const int64_t before = (kernel - 1) / 2;
  const int64_t after = std::max<int64_t>((steps - 1) * stride + kernel - x.size(0) - before, 0);
  return inside_of(pad(x, {{before, after}, {}, {}}), weight, bias, {steps, stride});
}

SqueezeExcite::SqueezeExcite(int64_t channels, int64_t reduction, Random& random)
    : squeeze_({.in = channels, .out = std::max<int64_t>(channels / reduction, 1), .bias = false}, random),
      excite_({.in = std::max<int64_t>(channels / reduction, 1), .out = channels, .bias = false}, random) {
  register_module("squeeze", squeeze_);
  register_module("excite", excite_);
}

Tensor SqueezeExcite::operator()(const Tensor& y, const std::vector<int64_t>& lengths) const {
  const Tensor weight = sigmoid(excite_(relu(squeeze_(pool_mean(y, lengths)))));
  return y * reshape(weight, {1, y.size(1), y.size(2)});
}

// Batches hold sequences of like lengths, so that only many of them together are like the data.
constexpr double kMomentum = 0.05;

ConvStack::ConvStack(const ConvStackOptions& options, Random& random) : options_(options), features_(options.in) {
  if (options.kernels.empty()) fail("ConvStack: kernels: expected at least one");
  for (size_t i = 0; i < options.widths.size(); ++i) {
    const int64_t kernel = options.kernels[std::min(i, options.kernels.size() - 1)];
    convolutions_.emplace_back(
        TimeConvOptions{.in = features_, .out = options.widths[i], .kernel = kernel, .stride = stride(i)}, random);
    norms_.emplace_back(BatchNormOptions{.channels = options.widths[i], .momentum = kMomentum, .renormalize = true});
    register_module(fmt::format("conv{}", i), convolutions_.back());
    register_module(fmt::format("norm{}", i), norms_.back());
    features_ = options.widths[i];
    if (options.squeeze == 0 || i + 1 == options.widths.size()) continue;
    squeezes_.emplace_back(features_, options.squeeze, random);
    register_module(fmt::format("squeeze{}", i), squeezes_.back());
  }
}

Tensor ConvStack::after_convolution(int64_t layer, const Tensor& features) const {
  const Tensor flat = reshape(features, {features.size(0), features.size(2)});
  return reshape(relu(norms_[static_cast<size_t>(layer)](flat, Mode::evaluation())), features.shape());
}

ConvStack::Output ConvStack::operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const {
  if (tracing() != nullptr) return run_traced(x, lengths, mode);
  Output out{x, lengths};
  for (size_t i = 0; i < convolutions_.size(); ++i) {
    const Tensor features = convolutions_[i](out.y);
    for (int64_t& length : out.lengths) length = strided(length, stride(i));
    const Packing packing(features.size(0), features.size(1), out.lengths);
    const Tensor packed = packing.pack(features);
    // One value a channel has no variance: it is left as it is.
    const bool normal = packed.size(0) > 1 || !mode.is_training();
    out.y = packing.unpack(relu(normal ? norms_[i](packed, mode) : packed));
    if (i < squeezes_.size()) out.y = squeezes_[i](out.y, out.lengths);
  }
  return out;
}

}  // namespace recur
