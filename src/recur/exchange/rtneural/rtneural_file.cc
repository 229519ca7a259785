#include "recur/exchange/rtneural/rtneural_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/exchange/keras/keras_weights.h"

namespace recur::rtneural {
namespace {

constexpr int kMostAxes = 4;

// The shape of nested lists, by their first members; what they hold is checked when it is copied.
std::vector<int64_t> shape_of(const std::string& place, const Json& json) {
  std::vector<int64_t> shape;
  const Json* at = &json;
  while (at->is_array()) {
    if (at->empty()) fail("{}: an empty list", place);
    if (std::ssize(shape) == kMostAxes) fail("{}: lists in more than {} levels", place, kMostAxes);
    shape.push_back(static_cast<int64_t>(at->size()));
    at = &at->at(0);
  }
  return shape;
}

void copy_numbers(const std::string& place, const Json& json, std::span<const int64_t> shape, std::vector<float>& out) {
  if (shape.empty()) {
    if (!json.is_number()) fail("{}: expected a number, got {}", place, json.type_name());
    const auto value = static_cast<float>(json.get<double>());
    if (!std::isfinite(value)) fail("{}: {} is beyond the range of f32", place, json.get<double>());
    out.push_back(value);
    return;
  }
  if (!json.is_array() || static_cast<int64_t>(json.size()) != shape.front()) {
    fail("{}: expected a list of {}, as the first one is, got {}", place, shape.front(),
         json.is_array() ? fmt::format("{}", json.size()) : json.type_name());
  }
  for (const Json& each : json) copy_numbers(place, each, shape.subspan(1), out);
}

Tensor tensor_of(const std::string& place, const Json& json) {
  const std::vector<int64_t> shape = shape_of(place, json);
  std::vector<float> values;
  copy_numbers(place, json, shape, values);
  return Tensor::from(values, Shape(shape));
}

const Json& need(const std::string& place, const Json& object, const char* key) {
  const Json* found = object.is_object() ? object.find(key) : nullptr;
  if (found == nullptr) fail("{}: \"{}\" is missing", place, key);
  return *found;
}

std::string text_at(const std::string& place, const Json& object, const char* key) {
  const Json& value = need(place, object, key);
  if (!value.is_text()) fail("{}: \"{}\": expected a text, got {}", place, key, value.type_name());
  return value.get<std::string>();
}

// A whole number, or the first of a list.
int64_t integer_at(const std::string& place, const Json& object, const char* key, int64_t otherwise) {
  const Json* value = object.find(key);
  if (value == nullptr) return otherwise;
  if (value->is_array() && !value->empty()) value = &value->at(0);
  constexpr int64_t kMost = 1 << 24;
  if (!value->is_integer() || value->get<int64_t>() < 1 || value->get<int64_t>() > kMost) {
    fail("{}: \"{}\": expected an integer in [1, {}]", place, key, kMost);
  }
  return value->get<int64_t>();
}

// The last number of a shape [null, null, F].
int64_t features_at(const std::string& place, const Json& object, const char* key) {
  const Json& shape = need(place, object, key);
  if (!shape.is_array() || shape.empty() || !shape.at(shape.size() - 1).is_integer()) {
    fail("{}: \"{}\": expected a list whose last value is the number of features", place, key);
  }
  return shape.at(shape.size() - 1).get<int64_t>();
}

// The tensors of "weights", one for each list.
Tensors weights_of(const std::string& place, const Json& layer, size_t least, size_t most) {
  const Json& weights = need(place, layer, "weights");
  if (!weights.is_array() || weights.size() < least || weights.size() > most) {
    fail("{}: \"weights\": expected {} to {} lists, got {}", place, least, most,
         weights.is_array() ? fmt::format("{}", weights.size()) : weights.type_name());
  }
  Tensors tensors;
  for (size_t k = 0; k < weights.size(); ++k) {
    tensors.push_back(tensor_of(fmt::format("{}: weights[{}]", place, k), weights.at(k)));
  }
  tensors.resize(most);
  return tensors;
}

FoundLayer conv_of(const std::string& place, const Json& layer) {
  const Tensors weights = weights_of(place, layer, 1, 2);
  StackLayer conv;
  conv.dilation = integer_at(place, layer, "dilation", 1);
  if (integer_at(place, layer, "strides", 1) != 1 || integer_at(place, layer, "groups", 1) != 1) {
    fail("{}: convolutions with a stride or groups are not supported", place);
  }
  conv.before = ((weights[0].rank() == 3 ? weights[0].size(0) : 1) - 1) * conv.dilation;  // they are causal
  return keras::conv_layer(place, std::move(conv), weights[0], weights[1]);
}

FoundLayer batch_norm_of(const std::string& place, const Json& layer) {
  const Json* epsilon = layer.find("epsilon");
  const double value = epsilon != nullptr && epsilon->is_number() ? epsilon->get<double>() : 1e-3;
  const Json& weights = need(place, layer, "weights");
  const Tensors four = weights_of(place, layer, 2, 4);
  const bool affine = weights.size() == 4;
  return keras::batch_norm_layer(place,
                                 {.gamma = affine ? four[0] : Tensor(),
                                  .beta = affine ? four[1] : Tensor(),
                                  .mean = four[affine ? 2 : 0],
                                  .variance = four[affine ? 3 : 1]},
                                 value);
}

FoundLayer recurrent_of(const std::string& place, const Json& layer, const std::string& type) {
  const Tensors weights = weights_of(place, layer, 3, 3);
  return keras::recurrent_layer(place, type, {.kernel = weights[0], .recurrent = weights[1], .bias = weights[2]});
}

struct Reader {
  const char* type;
  FoundLayer (*read)(const std::string& place, const Json& layer);
};
const std::vector<Reader>& readers() {
  // A line each.
  // clang-format off
  static const std::vector<Reader> list{
      {"dense", [](const std::string& place, const Json& layer) {
         const Tensors weights = weights_of(place, layer, 1, 2);
         return keras::dense_layer(place, weights[0], weights[1]);
       }},
      {"lstm", [](const std::string& place, const Json& layer) { return recurrent_of(place, layer, "lstm"); }},
      {"gru", [](const std::string& place, const Json& layer) { return recurrent_of(place, layer, "gru"); }},
      {"conv1d", conv_of},
      {"batchnorm", batch_norm_of},
  };
  // clang-format on
  return list;
}

void add_activation(const std::string& place, const Json& layer, bool recurrent, FoundStack& stack) {
  const Json* activation = layer.find("activation");
  if (activation == nullptr) return;
  if (!activation->is_text()) fail("{}: \"activation\": expected a text, got {}", place, activation->type_name());
  std::string name = activation->get<std::string>();
  if (name.empty() || name == "linear") return;
  if (recurrent) {
    if (name == "tanh") return;  // that of the cell
    fail("{}: activation \"{}\": only recurrent layers with tanh are supported", place, name);
  }
  constexpr std::array<std::string_view, 5> kKnown{"tanh", "sigmoid", "relu", "softmax", "elu"};
  if (std::ranges::count(kKnown, name) == 0) {
    fail("{}: activation \"{}\"{}; these are read: {}", place, name, did_you_mean(name, kKnown),
         fmt::join(kKnown, ", "));
  }
  stack.push_back(plain_layer({.kind = name}));
}

void read_layer(const std::string& file, size_t number, const Json& layer, FoundStack& stack) {
  std::string place = fmt::format("{}: layers[{}]", file, number);
  std::string type = text_at(place, layer, "type");
  place += fmt::format(" ({})", type);
  if (type == "time-distributed-dense") type = "dense";
  if (type == "activation") return add_activation(place, layer, false, stack);
  const auto reader = std::ranges::find(readers(), type, &Reader::type);
  if (reader == readers().end()) {
    std::string known = "time-distributed-dense, activation";
    for (const Reader& each : readers()) known += fmt::format(", {}", each.type);
    fail("{}: layers of this type are not read; these are: {}", place, known);
  }
  stack.push_back(reader->read(place, layer));
  const int64_t features = features_at(place, layer, "shape");
  if (stack.back().layer.size > 0 && stack.back().layer.size != features) {
    fail("{}: \"shape\" says {} features, the weights have {}", place, features, stack.back().layer.size);
  }
  add_activation(place, layer, type == "lstm" || type == "gru", stack);
}

}  // namespace

bool is_model(const Json& document) {
  const Json* layers = document.is_object() ? document.find("layers") : nullptr;
  return layers != nullptr && layers->is_array();
}

Model read_model(const std::string& file, const Json& document) {
  Model model{.input = features_at(file, document, "in_shape"), .stack = {}};
  const Json& layers = need(file, document, "layers");
  for (size_t k = 0; k < layers.size(); ++k) read_layer(file, k, layers.at(k), model.stack);
  if (model.stack.empty()) fail("{}: \"layers\" is empty", file);
  return model;
}

NamedTensors read_tensors(const std::string& file, const Json& document) {
  if (!document.is_object()) fail("{}: expected an object, got {}", file, document.type_name());
  NamedTensors tensors;
  for (const Json::Member& member : document.items()) {
    tensors.push_back({member.key, tensor_of(fmt::format("{}: \"{}\"", file, member.key), member.value)});
  }
  return tensors;
}

}  // namespace recur::rtneural
