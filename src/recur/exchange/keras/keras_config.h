// The configuration of a Keras model: its layers in a row.
#pragma once

#include <string>
#include <vector>

#include "recur/base/json.h"

namespace recur::keras {

struct ConfiguredLayer {
  std::string class_name;  // "LSTM"
  std::string name;        // "lstm_1"
  const Json* config = nullptr;
  std::string place;  // "model.keras: lstm_1 (LSTM)", for messages
};

// The layers of a Sequential model, or of a functional one whose layers follow each other. They refer to `document`.
// Throws Error, naming the layer, for what is no row of layers.
std::vector<ConfiguredLayer> layers_of(const std::string& file, const Json& document);

// Values of a layer's configuration. Throws Error, naming layer and key, for another type.
std::string text_of(const ConfiguredLayer& layer, const char* key, const std::string& otherwise);
bool flag_of(const ConfiguredLayer& layer, const char* key, bool otherwise);
double real_of(const ConfiguredLayer& layer, const char* key, double otherwise);
int64_t integer_of(const ConfiguredLayer& layer, const char* key, int64_t otherwise);  // or the first of a list

// A wrapper's inner layer, under "layer".
ConfiguredLayer inner_of(const ConfiguredLayer& wrapper);

}  // namespace recur::keras
