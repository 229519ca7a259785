// Convolution along time, for features that recurrent layers then read.
#pragma once

#include <cstdint>
#include <iterator>
#include <vector>

#include "recur/base/random.h"
#include "recur/nn/linear.h"
#include "recur/nn/module.h"
#include "recur/nn/norm.h"

namespace recur {

struct TimeConvOptions {
  int64_t in = 0, out = 0;  // channels
  int64_t kernel = 3;       // K, taps
  int64_t stride = 1;       // steps from one output to the next
};

// x [T, B, C], zeros in the padding -> [T', B, O] with T' = T / stride, rounded up. Zeros are added before the
// first and after the last step so that there is one output for each `stride` steps (K - 1 in total, the odd one
// after).
class TimeConv : public Module {
 public:
  TimeConv(const TimeConvOptions& options, Random& random);

  Tensor operator()(const Tensor& x) const;
  // `steps` outputs of x that has whatever lies before and after: the first reads x from its beginning, each next one
  // `stride` steps on.
  Tensor inside(const Tensor& x, int64_t steps) const;
  const TimeConvOptions& options() const { return options_; }

  Parameter weight;  // [O, C, K], as PyTorch's Conv1d; starts as He et al. (2015)
  Parameter bias;    // [O], starts at 0

 private:
  TimeConvOptions options_;
};

// The same of given parameters; and made of the convolution of ops/conv.h, as a trace opens it (nn/time_conv_trace.cc).
Tensor time_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride);
Tensor time_conv_twin(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t stride);

// The number of output steps for `steps` input steps.
inline int64_t strided(int64_t steps, int64_t stride) { return (steps + stride - 1) / stride; }

// The same of lengths i64 [B].
Tensor strided_lengths(const Tensor& lengths, int64_t stride);

struct ConvStackOptions {
  int64_t in = 0;                      // C of the input
  std::vector<int64_t> widths = {};    // O of each layer; none: returns x
  std::vector<int64_t> kernels = {3};  // K of each layer, the last for all further layers
  int64_t stride = 1;                  // of every layer
  bool stride_once = false;            // of the first layer alone
  int64_t squeeze = 0;                 // R, reduction of a squeeze-and-excite after each layer but the last; 0: none
};

// Weights the channels of a sequence by what its means over time say: y sigmoid(W2 relu(W1 mean(y))), with W1 [C / R,
// C] and W2 [C, C / R] (Hu, Shen and Sun, "Squeeze-and-excitation networks", 2018).
class SqueezeExcite : public Module {
 public:
  SqueezeExcite(int64_t channels, int64_t reduction, Random& random);

  // y [T, B, C], zeros in the padding -> the same.
  Tensor operator()(const Tensor& y, const std::vector<int64_t>& lengths) const;

 private:
  Linear squeeze_, excite_;
};

// Layers of convolution, batch renormalisation over all steps that are not padding, and ReLU: the features of a fully
// convolutional network (Wang, Yan and Oates 2017), ignoring the padding.
class ConvStack : public Module {
 public:
  ConvStack(const ConvStackOptions& options, Random& random);

  struct Output {
    Tensor y;                      // [T', B, O], zeros in the padding
    std::vector<int64_t> lengths;  // of y; empty: all T'
  };
  Output operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const;

  int64_t output_features() const { return features_; }
  int64_t layers() const { return std::ssize(convolutions_); }
  const TimeConv& convolution(int64_t layer) const { return convolutions_[static_cast<size_t>(layer)]; }
  // What stands behind a convolution [T, 1, O] in evaluation. REQUIRES: no squeeze-and-excite, which looks at all
  // steps.
  Tensor after_convolution(int64_t layer, const Tensor& features) const;

 private:
  Output run_traced(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const;
  int64_t stride(size_t layer) const { return options_.stride_once && layer > 0 ? 1 : options_.stride; }

  ConvStackOptions options_;
  int64_t features_;
  std::vector<TimeConv> convolutions_;
  std::vector<BatchNorm> norms_;
  std::vector<SqueezeExcite> squeezes_;
};

}  // namespace recur
