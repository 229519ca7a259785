// The loop of a convolutional LSTM over packed sequences as one op (conv_lstm.h has the layer).
#pragma once

#include "recur/nn/packing.h"

namespace recur {

inline constexpr int64_t kConvLstmGates = 4;  // i, f, g, o

// projected [N, 4 P, H, W]: what the input gives to gates i, f, g, o, bias included; weight [4 P, P, K, K], K odd;
// states h and c [B, P, H, W] in sorted order. Returns y [N, P H W], then the states after each row's last step. Where
// gradients are themselves recorded, they are those of the composed twin. REQUIRES: at least one packed row.
Tensors conv_lstm_loop(const Tensor& projected, const Tensor& weight, const Tensors& states, const Packing& packing,
                       bool reverse);

// The composed twin.
Tensors composed_conv_lstm_loop(const Tensor& projected, const Tensor& weight, const Tensors& states,
                                const Packing& packing, bool reverse);

}  // namespace recur
