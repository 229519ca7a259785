#include "recur/exchange/keras/keras_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "recur/base/error.h"
#include "recur/base/json_read.h"
#include "recur/exchange/keras/hdf5_file.h"
#include "recur/exchange/keras/keras_config.h"
#include "recur/exchange/keras/keras_layers.h"
#include "recur/exchange/keras/keras_weights.h"

namespace recur::keras {
namespace {

constexpr int kDeepestConfig = 64;

Json parse(const std::string& place, const std::string& text) {
  JsonRead read = read_json(text, kDeepestConfig);
  if (!read.document) fail("{}: byte {}: {}", place, read.byte, read.fault);
  return *std::move(read.document);
}

const ZipMember* find(std::span<const ZipMember> members, std::string_view name) {
  const auto at = std::ranges::find(members, name, &ZipMember::name);
  return at == members.end() ? nullptr : &*at;
}

// --- .keras: layers/lstm_1/cell/vars/0, called by their classes ---

// "layer_normalization" of LayerNormalization.
std::string folder_of(std::string_view class_name) {
  std::string out;
  for (size_t i = 0; i < class_name.size(); ++i) {
    const auto is_upper = [&](size_t k) { return class_name[k] >= 'A' && class_name[k] <= 'Z'; };
    const auto is_lower = [&](size_t k) {
      return k < class_name.size() && class_name[k] >= 'a' && class_name[k] <= 'z';
    };
    if (i > 0 && is_upper(i) && (is_lower(i - 1) || is_lower(i + 1))) out += '_';
    out += is_upper(i) ? static_cast<char>(class_name[i] - 'A' + 'a') : class_name[i];
  }
  return out;
}

// The folders of the layers in the archive's weights: lstm, lstm_1, ...
std::vector<std::string> folders_of(const std::vector<ConfiguredLayer>& layers) {
  std::map<std::string, int> used;
  std::vector<std::string> folders;
  for (const ConfiguredLayer& layer : layers) {
    const std::string folder = folder_of(layer.class_name);
    const int number = used[folder]++;
    folders.push_back(number == 0 ? folder : fmt::format("{}_{}", folder, number));
  }
  return folders;
}

std::string numbered_path(const WeightRole& role) {
  std::string path;
  if (!role.part.empty()) path += role.part + "_layer/";
  if (role.wrapped) path += "layer/";
  if (role.in_cell) path += "cell/";
  return path + fmt::format("vars/{}", role.index);
}

// --- .h5: model_weights/lstm_1/.../kernel:0, called by their names ---

std::string leaf_of(const std::string& path) {
  std::string leaf = path.substr(path.rfind('/') + 1);
  if (leaf.ends_with(":0")) leaf.resize(leaf.size() - 2);
  return leaf;
}

// The dataset below `folder` that plays the role; "": none.
std::string find_named(const Hdf5File& weights, const std::string& folder, const WeightRole& role) {
  for (const std::string& path : weights.datasets()) {
    if (!path.starts_with(folder) || leaf_of(path) != role.name) continue;
    if (role.part.empty() || path.find("/" + role.part + "_", folder.size() - 1) != std::string::npos) return path;
  }
  return "";
}

// --- weights alone: what layers they are by the names of folders and weights ---

// A folder of weights, as Keras 3 numbers them (layers/lstm/cell/vars/0) or as Keras 2 names them (lstm/.../kernel:0).
struct WeightFolder {
  const Hdf5File& weights;
  std::string name;  // "lstm_1"
  std::string path;  // "layers/lstm_1/"
  bool numbered;

  Tensor get(const WeightRole& role) const {
    const std::string found = numbered ? path + numbered_path(role) : find_named(weights, path, role);
    return std::ranges::count(weights.datasets(), found) > 0 ? weights.read(found) : Tensor();
  }
  Tensor get(const char* role, int index = 0) const { return get(WeightRole{.name = role, .index = index}); }

  // What the layer is: numbered weights say it by the folder's name, others by their own.
  std::string kind() const {
    if (numbered) return name.substr(0, name.find_last_not_of("0123456789_", std::string::npos) + 1);
    if (get("recurrent_kernel").defined())
      return get({.part = "backward", .name = "kernel"}).defined() ? "bidirectional" : "rnn";
    if (get("embeddings").defined()) return "embedding";
    if (get("moving_mean").defined()) return "batch_normalization";
    if (get("gamma").defined() || get("beta").defined()) return "layer_normalization";
    return get("kernel").defined() && get("kernel").rank() == 3 ? "conv" : "dense";
  }

  RecurrentWeights direction(const std::string& part) const {
    const auto role = [&](const char* what, int index) {
      return get({.part = part, .in_cell = true, .name = what, .index = index});
    };
    return {.kernel = role("kernel", 0), .recurrent = role("recurrent_kernel", 1), .bias = role("bias", 2)};
  }
};

FoundLayer recurrent_of(const std::string& place, const WeightFolder& folder, bool both) {
  const RecurrentWeights forward = folder.direction(both ? "forward" : "");
  const Tensor& recurrent = forward.recurrent;
  const bool is_matrix = recurrent.defined() && recurrent.rank() == 2 && recurrent.size(0) > 0;
  const int64_t gates =
      is_matrix && recurrent.size(1) % recurrent.size(0) == 0 ? recurrent.size(1) / recurrent.size(0) : 0;
  if (gates != 4 && gates != 3 && gates != 1) {
    fail("{}: recurrent_kernel: expected 1, 3 or 4 times as many columns as rows, got {}", place,
         recurrent.defined() ? recurrent.shape().str() : "none");
  }
  const bool after = forward.bias.defined() && forward.bias.rank() == 2;
  const char* kind = gates == 4 ? "lstm" : gates == 1 ? "rnn" : after ? "gru" : "gru_reset_before";
  return recurrent_layer(place, kind, forward, both ? folder.direction("backward") : RecurrentWeights{});
}

FoundLayer named_layer(const std::string& file, const WeightFolder& folder) {
  constexpr double kUsualEpsilon = 1e-3;
  const std::string place = fmt::format("{}: {}", file, folder.name), kind = folder.kind();
  FoundLayer found;
  if (kind == "lstm" || kind == "gru" || kind == "rnn" || kind == "simple_rnn" || kind == "bidirectional") {
    found = recurrent_of(place, folder, kind == "bidirectional");
  } else if (kind == "dense") {
    found = dense_layer(place, folder.get("kernel"), folder.get("bias", 1));
  } else if (kind.starts_with("conv")) {
    found = conv_layer(place, {}, folder.get("kernel"), folder.get("bias", 1));
    found.open = fmt::format(
        "weights alone do not give the padding and stride of a convolution; set --layers "
        "\"...,{}:before=N:after=N,...\"",
        folder.name);
  } else if (kind == "embedding") {
    found = embedding_layer(place, folder.get("embeddings"));
  } else if (kind == "batch_normalization") {
    found = batch_norm_layer(place,
                             {.gamma = folder.get("gamma"),
                              .beta = folder.get("beta", 1),
                              .mean = folder.get("moving_mean", 2),
                              .variance = folder.get("moving_variance", 3)},
                             kUsualEpsilon);
  } else if (kind == "layer_normalization") {
    found = norm_layer(place, folder.get("gamma"), folder.get("beta", 1), kUsualEpsilon);
  } else {
    fail("{}: no known layer has weights of these names", place);
  }
  found.name = folder.name;
  return found;
}

std::vector<FoundLayer> named_layers(const std::string& file, const Hdf5File& weights) {
  std::vector<FoundLayer> layers;
  for (const std::string& path : weights.datasets()) {
    const bool numbered = path.starts_with("layers/") || path.starts_with("_layer_checkpoint_dependencies/");
    const size_t begin = numbered ? path.find('/') + 1 : 0;
    const size_t end = path.find('/', begin);
    if (end == std::string::npos) continue;
    const std::string name = path.substr(begin, end - begin);
    if (name == "optimizer" || name == "optimizer_weights" || name == "top_level_model_weights") continue;
    if (std::ranges::count(layers, name, &FoundLayer::name) > 0) continue;
    layers.push_back(named_layer(file, {weights, name, path.substr(0, end + 1), numbered}));
  }
  return layers;
}

}  // namespace

bool is_keras_archive(std::span<const ZipMember> members) {
  return find(members, "config.json") != nullptr && find(members, "model.weights.h5") != nullptr;
}

Model read_archive(const std::string& file, std::span<const ZipMember> members) {
  const Json config = parse(file + "/config.json", find(members, "config.json")->content());
  std::string version;
  if (const ZipMember* metadata = find(members, "metadata.json")) {
    const Json json = parse(file + "/metadata.json", metadata->content());
    if (const Json* value = json.is_object() ? json.find("keras_version") : nullptr;
        value != nullptr && value->is_text())
      version = value->get<std::string>();
  }
  const Hdf5File weights =
      Hdf5File::from_memory(file + "/model.weights.h5", find(members, "model.weights.h5")->content());
  const std::vector<ConfiguredLayer> layers = layers_of(file, config);
  const std::vector<std::string> folders = folders_of(layers);
  return build({.file = file,
                .version = version,
                .weights = [&](size_t k, const ConfiguredLayer&) -> FindWeight {
                  return [&weights, &folders, k](const WeightRole& role) {
                    for (const char* root : {"layers/", "_layer_checkpoint_dependencies/"}) {
                      const std::string path = root + folders[k] + "/" + numbered_path(role);
                      if (std::ranges::count(weights.datasets(), path) > 0) return weights.read(path);
                    }
                    return Tensor();
                  };
                }},
               layers);
}

Hdf5Contents read_hdf5(const std::string& file) {
  const Hdf5File weights = Hdf5File::open(file);
  const auto config = weights.attribute("model_config");
  if (!config) return {.model = {}, .layers = named_layers(file, weights)};
  const Json document = parse(file + ": model_config", *config);
  const auto find_weight = [&](size_t, const ConfiguredLayer& layer) -> FindWeight {
    return [&weights, folder = "model_weights/" + layer.name + "/"](const WeightRole& role) {
      const std::string path = find_named(weights, folder, role);
      return path.empty() ? Tensor() : weights.read(path);
    };
  };
  return {
      .model = build({.file = file, .version = weights.attribute("keras_version").value_or(""), .weights = find_weight},
                     layers_of(file, document)),
      .layers = {}};
}

}  // namespace recur::keras
