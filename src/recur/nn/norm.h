// Normalisation with a learned scale and shift.
#pragma once

#include "recur/nn/mode.h"
#include "recur/nn/module.h"

namespace recur {

struct LayerNormOptions {
  int64_t features = 0;  // F
  double epsilon = 1e-5;
};

// x [..., F], each row to mean 0 and variance 1 over F, times weight plus bias.
class LayerNorm : public Module {
 public:
  explicit LayerNorm(const LayerNormOptions& options);

  Tensor operator()(const Tensor& x) const;

  Parameter weight, bias;  // [F], start at 1 and 0

 private:
  double epsilon_;
};

struct BatchNormOptions {
  int64_t channels = 0;   // C
  double momentum = 0.1;  // running = (1 - momentum) running + momentum batch
  double epsilon = 1e-5;
  // Ioffe, "Batch renormalization" (2017): training normalises by the running averages, too, so that it computes the
  // function that evaluation does, however small or special a batch is, such as one of short sequences alone. Gradients
  // are those of batch norm: the correction from the batch's statistics to the running ones counts as constant.
  bool renormalize = false;
  bool relu = false;  // only what is above 0 is left
};

// x [N, C, ...], each channel to mean 0 and variance 1 over all else, times weight plus bias. Training uses the
// statistics of the batch and updates running averages, which evaluation uses; with `renormalize` the first batch of
// all starts them.
class BatchNorm : public Module {
 public:
  explicit BatchNorm(const BatchNormOptions& options);

  Tensor operator()(const Tensor& x, Mode mode) const;

  Parameter weight, bias;            // [C], start at 1 and 0
  Tensor running_mean, running_var;  // [C], start at 0 and 1; the variance unbiased

 private:
  Tensor renormalized(const Tensor& x) const;

  BatchNormOptions options_;
};

}  // namespace recur
