#include "recur/exchange/keras/keras_config.h"

#include <fmt/format.h>

#include "recur/base/error.h"

namespace recur::keras {
namespace {

constexpr int kDeepestNode = 32;

const Json& need(const std::string& place, const Json& object, const char* key) {
  const Json* found = object.is_object() ? object.find(key) : nullptr;
  if (found == nullptr) fail("{}: the configuration has no \"{}\"", place, key);
  return *found;
}

std::string text_at(const std::string& place, const Json& object, const char* key) {
  const Json& value = need(place, object, key);
  if (!value.is_text()) fail("{}: \"{}\": expected a text, got {}", place, key, value.type_name());
  return value.get<std::string>();
}

ConfiguredLayer read_layer(const std::string& file, const Json& json) {
  const std::string class_name = text_at(file, json, "class_name");
  const Json& config = need(fmt::format("{}: {}", file, class_name), json, "config");
  if (!config.is_object()) fail("{}: {}: the configuration is not an object", file, class_name);
  const Json* name = config.find("name");
  ConfiguredLayer layer{.class_name = class_name,
                        .name = name != nullptr && name->is_text() ? name->get<std::string>() : class_name,
                        .config = &config,
                        .place = {}};
  layer.place = fmt::format("{}: {} ({})", file, layer.name, class_name);
  return layer;
}

// The layers that a layer reads: of Keras 3 ["lstm", 0, 0] under keras_history, of Keras 2 lists ["lstm", 0, 0, {}].
void add_sources(const Json& json, int depth, std::vector<std::string>& out) {
  if (depth > kDeepestNode) return;
  if (json.is_array()) {
    if (json.size() >= 3 && json.at(0).is_text() && json.at(1).is_integer()) {
      out.push_back(json.at(0).get<std::string>());
      return;
    }
    for (const Json& each : json) add_sources(each, depth + 1, out);
  } else if (json.is_object()) {
    for (const Json::Member& member : json.items()) add_sources(member.value, depth + 1, out);
  }
}

// In a functional model each layer has to read the one before it.
void check_row(const Json& json, const ConfiguredLayer& layer, const ConfiguredLayer* before) {
  const Json* nodes = json.find("inbound_nodes");
  if (nodes == nullptr) return;
  std::vector<std::string> sources;
  add_sources(*nodes, 0, sources);
  if (before == nullptr ? sources.empty() : sources.size() == 1 && sources.front() == before->name) return;
  fail("{}: reads {}, expected {}; only models whose layers form a chain are supported", layer.place,
       sources.empty() ? "nothing" : fmt::format("{}", fmt::join(sources, ", ")),
       before == nullptr ? "nothing" : before->name);
}

[[noreturn]] void fail_type(const ConfiguredLayer& layer, const char* key, const char* wanted, const Json& value) {
  fail("{}: \"{}\": expected {}, got {}", layer.place, key, wanted, value.type_name());
}

const Json* value_of(const ConfiguredLayer& layer, const char* key) {
  const Json* value = layer.config->find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

}  // namespace

std::vector<ConfiguredLayer> layers_of(const std::string& file, const Json& document) {
  const std::string kind = text_at(file, document, "class_name");
  if (kind != "Sequential" && kind != "Functional" && kind != "Model") {
    fail(
        "{}: a model of the class {}; only Sequential and Functional models are supported. For others, save the "
        "weights as safetensors",
        file, kind);
  }
  const Json& config = need(file, document, "config");
  const Json& layers = config.is_array() ? config : need(file, config, "layers");
  if (!layers.is_array()) fail("{}: \"layers\": expected a list, got {}", file, layers.type_name());
  std::vector<ConfiguredLayer> out;
  for (const Json& each : layers) {
    ConfiguredLayer layer = read_layer(file, each);
    if (kind != "Sequential") check_row(each, layer, out.empty() ? nullptr : &out.back());
    out.push_back(std::move(layer));
  }
  if (out.empty()) fail("{}: the model has no layers", file);
  return out;
}

std::string text_of(const ConfiguredLayer& layer, const char* key, const std::string& otherwise) {
  const Json* value = value_of(layer, key);
  if (value == nullptr) return otherwise;
  if (!value->is_text()) fail_type(layer, key, "a name of Keras", *value);
  return value->get<std::string>();
}

bool flag_of(const ConfiguredLayer& layer, const char* key, bool otherwise) {
  const Json* value = value_of(layer, key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) fail_type(layer, key, "true or false", *value);
  return value->get<bool>();
}

double real_of(const ConfiguredLayer& layer, const char* key, double otherwise) {
  const Json* value = value_of(layer, key);
  if (value == nullptr) return otherwise;
  if (!value->is_number()) fail_type(layer, key, "a number", *value);
  return value->get<double>();
}

int64_t integer_of(const ConfiguredLayer& layer, const char* key, int64_t otherwise) {
  const Json* value = value_of(layer, key);
  if (value != nullptr && value->is_array() && !value->empty()) value = &value->at(0);
  if (value == nullptr) return otherwise;
  if (!value->is_integer()) fail_type(layer, key, "an integer", *value);
  return value->get<int64_t>();
}

ConfiguredLayer inner_of(const ConfiguredLayer& wrapper) {
  ConfiguredLayer inner = read_layer(wrapper.place, need(wrapper.place, *wrapper.config, "layer"));
  inner.place = fmt::format("{}: {}", wrapper.place, inner.class_name);
  return inner;
}

}  // namespace recur::keras
