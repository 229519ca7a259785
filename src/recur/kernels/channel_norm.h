// The passes of batch normalisation over one channel of images or series.
#pragma once

#include <cstdint>

namespace recur::kernels {

// The values of a channel: `runs` runs of n values each, whose beginnings lie `stride` apart.
struct ChannelRuns {
  int64_t runs, n, stride;
};

struct ChannelGradSums {
  double g = 0, product = 0;  // of g, and of g (x - mean)
};

template <class T>
struct ChannelNormKernels {
  double (*sum)(const ChannelRuns& on, const T* x);
  double (*squares)(const ChannelRuns& on, const T* x, T mean);  // the sum of (x - mean)^2
  // y = scale (x - mean) + shift
  void (*scale)(const ChannelRuns& on, const T* x, T mean, T scale, T shift, T* y);
  ChannelGradSums (*gradient_sums)(const ChannelRuns& on, const T* g, const T* x, T mean);
  // dx = of_g g + of_x (x - mean) + shift
  void (*gradient)(const ChannelRuns& on, const T* g, const T* x, T mean, T of_g, T of_x, T shift, T* dx);
};

// Those in use for T = float or double, chosen as table() is, and the scalar reference.
template <class T>
const ChannelNormKernels<T>& channel_norm_kernels();
template <class T>
const ChannelNormKernels<T>& reference_channel_norm_kernels();

}  // namespace recur::kernels
