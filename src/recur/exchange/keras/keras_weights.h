// Weights in Keras's layout, as Recur's layers have them: matrices there are [inputs, outputs], gates of an LSTM i f c
// o, of a GRU z r h.
#pragma once

#include "recur/exchange/found_layers.h"
#include "recur/tensor/tensor.h"

namespace recur::keras {

// One direction of a recurrent layer: kernel [F, G H], recurrent [H, G H], bias [G H], of a GRU that resets after the
// product [2, G H], or undefined.
struct RecurrentWeights {
  Tensor kernel, recurrent, bias;
};

// `kind`: lstm, gru, gru_reset_before, rnn, rnn_relu. `backward`: of a bidirectional layer, else undefined. Throws
// Error for other shapes, beginning with `place`.
FoundLayer recurrent_layer(const std::string& place, const std::string& kind, const RecurrentWeights& forward,
                           const RecurrentWeights& backward = {});
FoundLayer dense_layer(const std::string& place, const Tensor& kernel, const Tensor& bias);
FoundLayer embedding_layer(const std::string& place, const Tensor& table);
// kernel [K, C, O]; what the layer is beside its sizes stands in `layer`.
FoundLayer conv_layer(const std::string& place, StackLayer layer, const Tensor& kernel, const Tensor& bias);
FoundLayer norm_layer(const std::string& place, const Tensor& gamma, const Tensor& beta, double epsilon);

struct BatchNormWeights {
  Tensor gamma, beta;  // or undefined: ones, zeros
  Tensor mean, variance;
};
// As it is after training: one scale and shift for each feature.
FoundLayer batch_norm_layer(const std::string& place, const BatchNormWeights& weights, double epsilon);

}  // namespace recur::keras
