// Layers of a Keras model from their configuration and weights.
#pragma once

#include <functional>
#include <string>

#include "recur/exchange/keras/keras_config.h"
#include "recur/exchange/keras/keras_file.h"

namespace recur::keras {

// A weight of a layer by its role, "kernel", and which of the roles of its cell or layer that is, from 0. `part` is "",
// "forward" or "backward". Undefined: there is none.
struct WeightRole {
  std::string part = {};
  bool in_cell = false;  // of a recurrent layer's cell
  bool wrapped = false;  // of a TimeDistributed's layer
  std::string name;
  int index = 0;
};
using FindWeight = std::function<Tensor(const WeightRole& role)>;

struct KerasSource {
  std::string file;
  std::string version;  // of Keras, "3.15.1"; "": not said
  // The weights of layer `k` of the configuration.
  std::function<FindWeight(size_t k, const ConfiguredLayer& layer)> weights;
};

// Throws Error naming layer and key for what is not read.
Model build(const KerasSource& source, const std::vector<ConfiguredLayer>& layers);

}  // namespace recur::keras
