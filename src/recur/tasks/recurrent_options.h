// The options of recurrent layers, for every task that has a stack of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/nn/recurrent.h"

namespace recur {

inline OneOf one_of_cells() {
  std::vector<std::string> names;
  for (const LayerKind& kind : layer_kinds()) names.push_back(kind.name);
  return OneOf(std::move(names));
}

// Which way layers may read.
enum class Reading { kForwards, kBothWays };

// What visit() functions call. Dropout between layers is the task's, as it goes with that of input and output.
template <class Visitor>
void visit_layers(Visitor& v, RecurrentOptions& rnn, Reading reading = Reading::kBothWays) {
  const Range probability{.min = 0, .max = 1, .open_max = true};
  v("cell", rnn.cell, "Recurrent cell", one_of_cells());
  v("hidden", rnn.hidden, "H, units of each layer and direction", Range{1, 1 << 20});
  v("layers", rnn.layers, "L, layers", Range{1, 1000});
  v("widths", rnn.widths, "Units of each layer, instead of hidden and layers", Range{1, 1 << 20});
  v("cells", rnn.cells, "Cell of each layer, instead of cell", one_of_cells());
  if (reading == Reading::kBothWays) v("bidirectional", rnn.bidirectional, "Read forwards and backwards");
  v("layer_norm", rnn.layer_norm, "Layer normalisation in the recurrent layers (Ba et al. 2016)");
  v("locked_dropout", rnn.locked_dropout, "One mask of dropout for all time steps (Gal and Ghahramani 2016)");
  v("recurrent_dropout", rnn.recurrent_dropout, "Of h in the recurrence, one mask a sequence", probability);
  v("weight_drop", rnn.weight_drop, "Of recurrent weights (Merity et al. 2018)", probability);
  v("zoneout", rnn.zoneout, "Units of h that keep their value (Krueger et al. 2017)", probability);
  v("zoneout_inner", rnn.zoneout_inner, "The same of the inner state", probability);
  v("init", rnn.init, "Recurrent layers' initial values", OneOf{"uniform", "orthogonal", "identity", "chrono"});
  v("chrono_steps", rnn.chrono_steps, "Of init = chrono: longest dependency expected, in steps", Range{3, 1e12});
  v("forget_bias", rnn.forget_bias, "Added to the forget gates' initial bias", Range{-100, 100});
  v("recompute", rnn.recompute, "Steps a segment whose inner values are computed again in backward; 0: all are kept",
    Range{0, 1 << 30});
}

// Fewer parameters than such layers have, whatever their cell; a floating number, so that nothing overflows.
double least_parameters(const RecurrentOptions& rnn);

// Throws Error when a model of at least this many parameters cannot be what a file of `elements` numbers holds.
void check_least_parameters(double least, int64_t elements);

}  // namespace recur
