// Convolutional LSTM, for sequences of images: Shi et al., "Convolutional LSTM network: a machine learning approach for
// precipitation nowcasting" (2015), without peepholes.
//
//   const std::vector<LayerKind> kinds{conv_lstm_kind({.height = 16, .width = 16})};
//   Recurrent network({.cell = "conv_lstm", .input = 1 * 16 * 16, .hidden = 8, .layers = 2}, random, kinds);
//   network(x);   // x [T, B, C H W] -> y [T, B, 8 H W]
#pragma once

#include <cstdint>

#include "recur/nn/layers/layer_kinds.h"

namespace recur {

struct ConvLstmOptions {
  int64_t height = 0, width = 0;  // H, W of every image
  int64_t kernel = 3;             // K, odd
};

// A kind of layer called conv_lstm, whose features are images [C, H, W] row by row and whose hidden units are channels:
// F = C H W in, P = hidden H W out. It is given to Recurrent beside or instead of layer_kinds(), as images have a size.
// States h and c [B, hidden, H, W]. Parameters: weight_ih [4 hidden, C, K, K], weight_hh [4 hidden, hidden, K, K], bias
// [4 hidden], gates in PyTorch's order i, f, g, o. It goes both ways, and cannot be stepped.
LayerKind conv_lstm_kind(const ConvLstmOptions& options);

}  // namespace recur
