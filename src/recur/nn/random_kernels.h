// Features of series by random convolutional kernels: MiniRocket (Dempster, Schmidt and Webb, "MiniRocket: a very fast
// (almost) deterministic transform for time series classification", 2021), made differentiable.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/base/random.h"
#include "recur/nn/module.h"

namespace recur {

struct RandomKernelsOptions {
  int64_t channels = 1;     // F
  int64_t steps = 1;        // of the longest series to learn from: the widest kernel is no wider, if that is possible
  int64_t features = 2016;  // about as many come out, at least one of each kernel at each dilation
};

// Each kernel has nine taps, of which three are 2 and six -1; there are all 84 of them, at the dilations 1, 2, 4, ...
// Each reads the sum of a few channels, drawn at random, with zeros around the series. A feature is the share of the
// steps at which a kernel's output is above a threshold: here the mean of sigmoid((output - threshold) / width), so
// that there is a gradient.
//
// Buffers, with D dilations and n thresholds each: channels [D, 84, F], 1 where a kernel reads a channel; thresholds
// [D, 84, n]; widths [D, 84]. None is trained by gradients.
class RandomKernels : public Module {
 public:
  static constexpr int64_t kKernels = 84, kTaps = 9;

  explicit RandomKernels(const RandomKernelsOptions& options);

  int64_t dilations() const { return thresholds_.size(0); }
  int64_t features() const { return thresholds_.numel(); }

  // Draws channels, and takes thresholds from what the kernels make of x [T, B, F], series of the lengths given (empty:
  // all T): quantiles at places that are evenly spread. The widths are 0.3 standard deviations.
  void fit(const Tensor& x, const std::vector<int64_t>& lengths, Random& random);

  // x [T, B, F], zeros in the padding, lengths 0 .. T (empty: all T) -> [B, features()], in the order of the
  // thresholds.
  Tensor operator()(const Tensor& x, const std::vector<int64_t>& lengths) const;

 private:
  // The outputs at dilation 2^d: [T, B, 84].
  Tensor outputs(const Tensor& x, int64_t d) const;

  Tensor channels_, thresholds_, widths_;
};

}  // namespace recur
