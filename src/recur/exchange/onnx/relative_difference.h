// How far two runs of one computation are apart.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur::onnx {

// Beyond this they are no longer the same computation. Rounding is far below.
inline constexpr double kMostRounding = 1e-3;

// The largest |a - b| / max(1, |b|); infinite where shapes or types differ, or only one is NaN.
double relative_difference(const Tensor& a, const Tensor& b);

}  // namespace recur::onnx
