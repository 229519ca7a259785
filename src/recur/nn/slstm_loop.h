// The loop of sLSTM over packed sequences as one op (nn/layers/slstm_layer.h has its equations).
#pragma once

#include "recur/nn/packing.h"

namespace recur {

// projected [N, 4 H]: z, i, f, o of the input, biases included; weight [4 H, d], d = H / heads; states h, c, n, m [B,
// H] in sorted order. Returns y [N, H], then the states after each row's last step. No gradient flows to or through m.
// Where gradients are themselves recorded, they are those of the composed twin.
Tensors slstm_loop(const Tensor& projected, const Tensor& weight, const Tensors& states, const Packing& packing,
                   bool reverse);

// The composed twin, and one of its steps: projected [B, 4 H] -> the states after it.
Tensors composed_slstm_loop(const Tensor& projected, const Tensor& weight, const Tensors& states,
                            const Packing& packing, bool reverse);
Tensors composed_slstm_step(const Tensor& projected, const Tensor& weight, const Tensors& states);

}  // namespace recur
