// Numbers as integers of 8 bits with a scale, symmetric about 0.
#pragma once

#include <cstdint>

namespace recur::kernels {

// Below, its inverse might be infinite: q is 0.
inline constexpr float kLeastScale = 1e-36f;

// x [n] ~ scale * q with q in -127 .. 127, each to the nearest; returns the scale, max |x| / 127. What has been
// quantised and multiplied out again gives the same integers. Where x is not finite the scale is NaN and q is 0.
float quantize_row(const float* x, int64_t n, int8_t* q);

}  // namespace recur::kernels
