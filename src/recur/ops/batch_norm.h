// Batch normalisation (Ioffe and Szegedy, 2015) of x [N, C, ...]: each channel c over all else.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

struct BatchNormResult {
  Tensor y;
  Tensor mean, variance;  // of the batch, [C], outside the graph; the variance unbiased, as running averages take it
};

// Training: normalised by the mean and (biased) variance of the batch, times weight plus bias [C], which may be
// undefined. Needs at least two values per channel.
BatchNormResult batch_norm_training(const Tensor& x, const Tensor& weight = {}, const Tensor& bias = {},
                                    double eps = 1e-5);

// Of the batch, outside the graph and of traces: f64 [C].
struct BatchStatistics {
  Tensor mean, variance;  // the variance biased
};
BatchStatistics batch_statistics(const Tensor& x);

// Training where weight and bias depend on the statistics, which must be those of x: its gradient goes through them,
// but not through what they made of weight and bias. With relu only what is
// above 0 is left, in the same pass.
Tensor batch_norm_by(const Tensor& x, const BatchStatistics& own, const Tensor& weight = {}, const Tensor& bias = {},
                     double eps = 1e-5, bool relu = false);

// The unbiased variance, as running averages take it.
Tensor unbiased_variance(const BatchStatistics& own, const Tensor& x);

struct BatchNormStatistics {
  Tensor mean, variance;  // [C]
};

// Evaluation: normalised by given statistics.
Tensor batch_norm_inference(const Tensor& x, const BatchNormStatistics& statistics, const Tensor& weight = {},
                            const Tensor& bias = {}, double eps = 1e-5);

}  // namespace recur
