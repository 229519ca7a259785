// What a stack of recurrent layers is to be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recur {

struct RecurrentOptions {
  std::string cell = "lstm";            // the kind of layer, see layer_kinds(): rnn, lstm, lstm_peephole, gru, ...
  int64_t input = 0;                    // F, features of x
  int64_t hidden = 0;                   // H, units of every layer ...
  int layers = 1;                       // ... of this many
  std::vector<int64_t> widths = {};     // or: H of each layer, instead of hidden and layers
  std::vector<std::string> cells = {};  // or: the kind of each layer, instead of cell
  bool bidirectional = false;
  bool bias = true;
  int64_t projection = 0;   // P: h is projected from H to P units (Sak, Senior and Beaufays 2014); LSTM kinds only
  bool layer_norm = false;  // Ba, Kiros and Hinton 2016
  // What stands around each layer: none; residual, a norm before, a projection to H units and a skip; feed_forward,
  // that and a feed-forward part; xlstm, with a norm of each head and a gated one; xlstm_up, with that norm, a layer of
  // 2 H units with a skip of its own, and a gate. See layers/block_layer.h. Dropout is then on what is added to the
  // skips around blocks.
  std::string block = "none";
  std::vector<std::string> blocks = {};  // or: around each layer, instead of block
  int64_t block_conv = 0;                // K: of blocks, a causal convolution of K steps in front of the layer; 0: none
  // Of matrix memories (mlstm, delta), slstm, attention and the norm in xLSTM's blocks; 0: one for each 64 units.
  int64_t memory_heads = 0;
  int64_t attention_window = 128;  // W: steps that a step of attention reads, itself included

  // All in effect in training only; probabilities in [0, 1).
  float dropout = 0;            // on the input of every layer but the first (Zaremba et al. 2014)
  bool locked_dropout = false;  // one mask for all time steps there (Gal and Ghahramani 2016)
  float recurrent_dropout = 0;  // on h where it enters the product, one mask a sequence (Gal and Ghahramani 2016)
  float weight_drop = 0;        // on the recurrent weights, one mask a call (Merity et al. 2018)
  float zoneout = 0;            // of h: a unit keeps its old value with this probability (Krueger et al. 2017) ...
  float zoneout_inner = 0;      // ... and of the inner state (c)

  // Initial values. uniform: U(-1/sqrt(H), 1/sqrt(H)), as PyTorch; orthogonal: recurrent weights of every gate
  // orthogonal, input weights Xavier, biases 0; identity: recurrent weights the identity (ReLU; Le et al. 2015), input
  // weights normal(0, 0.001), biases 0; chrono: uniform, with forget biases log U(1, chrono_steps - 1) and input
  // biases their negative (Tallec and Ollivier 2018).
  std::string init = "uniform";
  int64_t chrono_steps = 100;
  double forget_bias = 0;  // added to the forget gate's bias

  // Steps a segment that forward keeps nothing of but its boundary, to be computed again in backward; 0: keep all.
  int64_t recompute = 0;
};

}  // namespace recur
