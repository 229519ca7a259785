#include "recur/nn/random_kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/nn/pooling.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/conv.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

constexpr int64_t kKernels = RandomKernels::kKernels, kTaps = RandomKernels::kTaps;
constexpr int64_t kMostDilations = 24, kMostChannels = 9;  // that a kernel reads
constexpr double kWidth = 0.3, kLeastWidth = 1e-4;         // of a threshold, in standard deviations; at least

// 1, 2, 4, ... so that eight of them span at most the series.
int64_t dilations_of(int64_t steps) {
  const auto widest = static_cast<uint64_t>(std::max<int64_t>((steps - 1) / (kTaps - 1), 1));
  return std::min<int64_t>(std::bit_width(widest), kMostDilations);
}

// [84, 1, 9]: the triples of taps in lexicographic order.
Tensor tap_weights(DType dtype) {
  std::vector<float> taps;
  for (int64_t i = 0; i < kTaps; ++i) {
    for (int64_t j = i + 1; j < kTaps; ++j) {
      for (int64_t k = j + 1; k < kTaps; ++k) {
        for (int64_t t = 0; t < kTaps; ++t) taps.push_back(t == i || t == j || t == k ? 2.0f : -1.0f);
      }
    }
  }
  return cast(Tensor::from(taps, {kKernels, 1, kTaps}), dtype);
}

// 1 at a few of F places: of 1 to 9 channels, the fewer the likelier.
void draw_channels(std::span<float> row, Random& random) {
  const auto all = std::ssize(row);
  const double most = std::log2(static_cast<double>(std::min(all, kMostChannels)) + 1);
  const auto count = std::min<int64_t>(static_cast<int64_t>(std::exp2(random.uniform64() * most)), all);
  std::vector<int64_t> order(row.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  random.shuffle(std::span(order));
  for (int64_t i = 0; i < count; ++i) row[static_cast<size_t>(order[static_cast<size_t>(i)])] = 1;
}

double deviation_of(std::span<const float> values) {
  double sum = 0, squares = 0;
  for (const float value : values) sum += value, squares += double{value} * value;
  const auto n = static_cast<double>(values.size());
  return std::sqrt(std::max(squares / n - sum / n * (sum / n), 0.0));
}

}  // namespace

RandomKernels::RandomKernels(const RandomKernelsOptions& options) {
  const int64_t D = dilations_of(options.steps);
  const int64_t each = std::max<int64_t>(options.features / (D * kKernels), 1);
  channels_ = Tensor::zeros({D, kKernels, options.channels});
  thresholds_ = Tensor::zeros({D, kKernels, each});
  widths_ = Tensor::full({D, kKernels}, 1);
  register_buffer("channels", channels_);
  register_buffer("thresholds", thresholds_);
  register_buffer("widths", widths_);
}

Tensor RandomKernels::outputs(const Tensor& x, int64_t d) const {
  const int64_t dilation = int64_t{1} << d, F = channels_.size(2);
  const Tensor reads = cast(reshape(slice(channels_, {0, d}, 1), {kKernels, F, 1}), x.dtype());
  const Tensor sums = conv1d(permute(x, {1, 2, 0}), reads);
  const Tensor z = conv1d(sums, tap_weights(x.dtype()), {},
                          {.padding = (kTaps - 1) / 2 * dilation, .dilation = dilation, .groups = kKernels});
  return permute(z, {2, 0, 1});
}

void RandomKernels::fit(const Tensor& x, const std::vector<int64_t>& lengths, Random& random) {
  const autograd::NoGrad no_grad;
  const double golden = (std::sqrt(5.0) - 1) / 2;
  const int64_t D = dilations(), T = x.size(0), B = x.size(1), F = channels_.size(2), each = thresholds_.size(2);
  float *threshold = thresholds_.data<float>(), *width = widths_.data<float>();
  for (int64_t i = 0; i < D * kKernels; ++i) {
    draw_channels({channels_.data<float>() + i * F, static_cast<size_t>(F)}, random);
  }
  for (int64_t d = 0, place = 0; d < D; ++d) {
    const Tensor z = cast(outputs(x, d), DType::kF32);
    const float* from = std::as_const(z).data<float>();
    for (int64_t k = 0; k < kKernels; ++k) {
      std::vector<float> values;
      for (int64_t t = 0; t < T; ++t) {
        for (int64_t b = 0; b < B; ++b) {
          if (lengths.empty() || t < lengths[static_cast<size_t>(b)])
            values.push_back(from[(t * B + b) * kKernels + k]);
        }
      }
      if (values.empty()) values.push_back(0);
      std::ranges::sort(values);
      for (int64_t j = 0; j < each; ++j, ++place) {
        const double share = std::fmod(static_cast<double>(place + 1) * golden, 1.0);
        *threshold++ = values[static_cast<size_t>(share * static_cast<double>(values.size()))];
      }
      *width++ = static_cast<float>(std::max(kWidth * deviation_of(values), kLeastWidth));
    }
  }
}

Tensor RandomKernels::operator()(const Tensor& x, const std::vector<int64_t>& lengths) const {
  const Tensor padding = padding_mask(x.size(0), x.size(1), lengths, x.dtype());
  Tensors features;
  for (int64_t d = 0; d < dilations(); ++d) {
    const Tensor sharper = 1.0 / cast(reshape(slice(widths_, {0, d}, 1), {kKernels}), x.dtype());
    const Tensor thresholds = cast(reshape(slice(thresholds_, {0, d}, 1), {kKernels, thresholds_.size(2)}), x.dtype());
    const Tensor z = outputs(x, d) * sharper;
    Tensors shares;
    for (int64_t j = 0; j < thresholds.size(1); ++j) {
      const Tensor threshold = reshape(slice(thresholds, {1, j}, 1), {kKernels}) * sharper;
      const Tensor above = sigmoid(z - threshold);
      shares.push_back(pool_mean(padding.defined() ? masked_fill(above, padding, 0) : above, lengths));
    }
    features.push_back(reshape(stack(shares, 2), {x.size(1), kKernels * thresholds.size(1)}));
  }
  return concat(features, 1);
}

}  // namespace recur
