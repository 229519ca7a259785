// A causal depthwise convolution over packed sequences as one op: what blocks around recurrent layers read with.
#pragma once

#include "recur/nn/packing.h"
#include "recur/tensor/tensor.h"

namespace recur {

struct CausalConvResult {
  Tensor rows;   // [N, H]
  Tensors last;  // as `before`, after the last step of each sequence
};

// y_t = bias + sum over k = 0 .. K - 1 of weight[K - 1 - k] x_{t-k}, feature by feature: x [N, H]; weight [K, H], the
// present step last; bias [H] or undefined; before: x of the K - 1 steps before the first, the latest first, each
// [B, H] in sorted order. With `reverse` the steps are travelled from the last to the first. Gradients flow to all;
// where they are themselves recorded, by the composed twin. The bits do not depend on the number of threads.
CausalConvResult causal_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensors& before,
                             const Packing& packing, bool reverse);

// The composed twin: rows chosen by number, and ordinary ops.
CausalConvResult composed_causal_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensors& before,
                                      const Packing& packing, bool reverse);

}  // namespace recur
