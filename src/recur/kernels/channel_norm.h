// The passes of batch normalisation over one channel of images or series.
#pragma once

#include <cstdint>

namespace recur::kernels {

// The values of a channel: `runs` runs of n values each, whose beginnings lie `stride` apart.
struct ChannelRuns {
  int64_t runs, n, stride;
};

// y = scale (x - mean) + shift, or of that what is above 0.
template <class T>
struct ChannelScale {
  T mean, scale, shift;
  bool relu = false;
};

struct ChannelGradSums {
  double g = 0, product = 0;  // of g, and of g (x - mean)
};

template <class T>
struct ChannelGradient {
  T of_g, of_x, shift;
};

template <class T>
struct ChannelNormKernels {
  double (*sum)(const ChannelRuns& on, const T* x);
  double (*squares)(const ChannelRuns& on, const T* x, T mean);  // the sum of (x - mean)^2
  void (*scale)(const ChannelRuns& on, const ChannelScale<T>& by, const T* x, T* y);
  // Of g where y is above 0, or of all without relu.
  ChannelGradSums (*gradient_sums)(const ChannelRuns& on, const ChannelScale<T>& by, const T* g, const T* x);
  // dx = of_g g + of_x (x - mean) + shift, of the same g
  void (*gradient)(const ChannelRuns& on, const ChannelScale<T>& by, const T* g, const T* x, ChannelGradient<T> of,
                   T* dx);
};

// Those in use for T = float or double, chosen as table() is, and the scalar reference.
template <class T>
const ChannelNormKernels<T>& channel_norm_kernels();
template <class T>
const ChannelNormKernels<T>& reference_channel_norm_kernels();

}  // namespace recur::kernels
