// The options of recurrent layers, for every task that has a stack of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/nn/layers/block_layer.h"
#include "recur/nn/recurrent.h"

namespace recur {

inline OneOf one_of_cells() {
  std::vector<std::string> names;
  for (const LayerKind& kind : layer_kinds()) names.push_back(kind.name);
  return OneOf(std::move(names));
}

inline OneOf one_of_blocks() {
  const auto names = block_names();
  return OneOf(std::vector<std::string>(names.begin(), names.end()));
}

// The directions in which layers may read.
enum class Reading { kForwards, kBothWays };

// Called by visit() functions. Dropout between layers is an option of the task, together with that of input and output.
// `cell_names`: what `cell` may be, for a task that has a name of its own for none.
template <class Visitor>
void visit_layers(Visitor& v, RecurrentOptions& rnn, Reading reading = Reading::kBothWays,
                  const OneOf& cell_names = one_of_cells()) {
  const Range probability{.min = 0, .max = 1, .open_max = true};
  v("cell", rnn.cell, "Recurrent cell", cell_names);
  v("hidden", rnn.hidden, "H, hidden units per layer and direction", Range{1, 1 << 20});
  v("layers", rnn.layers, "L, number of recurrent layers", Range{1, 1000});
  v("widths", rnn.widths, "Hidden units of each layer; overrides hidden and layers", Range{1, 1 << 20});
  v("cells", rnn.cells, "Cell of each layer; overrides cell", one_of_cells());
  if (reading == Reading::kBothWays) v("bidirectional", rnn.bidirectional, "Bidirectional layers");
  v("block", rnn.block,
    "Block around each layer: none; residual (layer normalisation before, a linear map and a skip connection after), "
    "feed_forward (the same and a feed-forward part), xlstm (each head's output normalised too, and a gated "
    "feed-forward part) or xlstm_up (a layer of twice the units, each head's output normalised, a skip around the "
    "layer, and a gate)",
    one_of_blocks());
  v("layer_blocks", rnn.blocks, "Block around each layer; overrides block", one_of_blocks());
  v("block_conv", rnn.block_conv,
    "Number of steps of a causal convolution of each feature by itself, with SiLU, in front of the layer in each block "
    "(usually 4); 0: none, else at least 2",
    Range{0, 64});
  v("memory_heads", rnn.memory_heads,
    "Heads of the memory (cell = mlstm, delta, slstm), of attention, or of the norm in block = xlstm or xlstm_up; 0: "
    "one for each 64 units",
    Range{0, 1024});
  v("attention_window", rnn.attention_window, "Number of steps that a step reads, itself included (cell = attention)",
    Range{2, 1 << 16});
  v("layer_norm", rnn.layer_norm, "Layer normalisation in the recurrent layers (Ba et al. 2016)");
  v("locked_dropout", rnn.locked_dropout,
    "Same dropout mask at every time step (variational dropout, Gal and Ghahramani 2016)");
  v("recurrent_dropout", rnn.recurrent_dropout, "Dropout probability of h in the recurrence, one mask per sequence",
    probability);
  v("weight_drop", rnn.weight_drop, "DropConnect probability of the recurrent weights (Merity et al. 2018)",
    probability);
  v("zoneout", rnn.zoneout, "Zoneout: probability that a unit of h keeps its previous value (Krueger et al. 2017)",
    probability);
  v("zoneout_inner", rnn.zoneout_inner, "Zoneout probability of the inner state, such as c of an LSTM", probability);
  v("init", rnn.init,
    "Initialisation of the recurrent layers: uniform, orthogonal, identity (Le et al. 2015) or chrono (Tallec and "
    "Ollivier 2018)",
    OneOf{"uniform", "orthogonal", "identity", "chrono"});
  v("chrono_steps", rnn.chrono_steps, "Longest dependency expected, in steps (init = chrono)", Range{3, 1e12});
  v("forget_bias", rnn.forget_bias, "Value added to the initial bias of the forget gates", Range{-100, 100});
  v("recompute", rnn.recompute,
    "Gradient checkpointing: store only every Nth step and recompute the steps between in the backward pass; 0: store "
    "all",
    Range{0, 1 << 30});
}

// What the layers of a decoder have of their own.
struct DecoderLayers {
  int64_t input = 0;
  int64_t hidden = 0;  // 0: that of the encoder's last layer
  int64_t layers = 0;  // 0: as many as the encoder's
  float dropout = 0;
};
// The layers of a decoder beside an encoder's: of its last cell, forwards, begun and normalised in the same way.
RecurrentOptions decoder_layers(const RecurrentOptions& encoder, const DecoderLayers& own);

// A lower bound on the number of parameters of such layers, for any cell; floating-point, so that it cannot overflow.
double least_parameters(const RecurrentOptions& rnn);

// Throws Error when a model of at least this many parameters does not fit a file of `elements` numbers.
void check_least_parameters(double least, int64_t elements);

}  // namespace recur
