#include "recur/exchange/keras/keras_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/exchange/arrange_layers.h"
#include "recur/exchange/keras/keras_weights.h"

namespace recur::keras {
namespace {

constexpr double kUsualEpsilon = 1e-3;

// What is there in training alone.
constexpr std::array<std::string_view, 6> kIdle{"Dropout",         "SpatialDropout1D", "GaussianNoise",
                                                "GaussianDropout", "AlphaDropout",     "ActivityRegularization"};

class Builder {
 public:
  explicit Builder(const KerasSource& source) : source_(source) {}

  void add(const ConfiguredLayer& layer, FindWeight weights) {
    weights_ = std::move(weights);
    take_input_shape(layer);
    const std::string& kind = layer.class_name;
    if (kind == "InputLayer" || std::ranges::count(kIdle, kind) > 0) return;
    if (kind == "LSTM" || kind == "GRU" || kind == "SimpleRNN") return recurrent(layer, std::nullopt);
    if (kind == "Bidirectional") return bidirectional(layer);
    if (kind == "Dense") return dense(layer, false);
    if (kind == "TimeDistributed") return time_distributed(layer);
    if (kind == "Embedding") return embedding(layer);
    if (kind == "Conv1D") return conv(layer);
    if (kind == "LayerNormalization") return layer_norm(layer);
    if (kind == "BatchNormalization") return batch_norm(layer);
    if (kind == "Activation") return activation(layer);
    if (kind == "ReLU" || kind == "LeakyReLU" || kind == "ELU" || kind == "Softmax") return activation_layer(layer);
    fail(
        "{}: layers of this class are not read; these are: LSTM, GRU, SimpleRNN, Bidirectional, Dense, "
        "TimeDistributed, "
        "Embedding, Conv1D, LayerNormalization, BatchNormalization, Activation, ReLU, LeakyReLU, ELU, Softmax, Dropout",
        layer.place);
  }

  Model model() && {
    if (stack_.empty()) fail("{}: no layer computes anything", source_.file);
    Model model{.input = input_, .stack = std::move(stack_)};
    if (model.stack.front().layer.kind == "embedding") model.input = 1;
    if (model.input == 0) model.input = input_of(model.stack);
    return model;
  }

 private:
  // [null, null, F]
  void take_input_shape(const ConfiguredLayer& layer) {
    if (!stack_.empty() || input_ > 0) return;
    for (const char* key : {"batch_shape", "batch_input_shape"}) {
      const Json* shape = layer.config->find(key);
      if (shape == nullptr || !shape->is_array() || shape->size() != 3 || !shape->at(2).is_integer()) continue;
      input_ = shape->at(2).get<int64_t>();
      if (input_ < 1) fail("{}: \"{}\": expected features, got {}", layer.place, key, input_);
    }
  }

  static void check(const ConfiguredLayer& layer, bool fine, const char* key, std::string_view read) {
    if (!fine) fail("{}: \"{}\": only {} is supported", layer.place, key, read);
  }

  Tensor weight(const ConfiguredLayer& layer, const WeightRole& role, bool needed = true) const {
    Tensor found = weights_(role);
    if (needed && !found.defined()) fail("{}: its weight \"{}\" is missing in the file", layer.place, role.name);
    return found;
  }

  void push(FoundLayer found, const ConfiguredLayer& layer) {
    found.name = layer.name;
    stack_.push_back(std::move(found));
  }

  // --- activations ---
  void add_activation(const ConfiguredLayer& layer, const char* key) {
    std::string name = text_of(layer, key, "linear");
    if (name == "linear") return;
    if (name == "swish") name = "silu";
    if (name == "leaky_relu") name = "leaky_relu slope=0.2";
    const std::string kind = name.substr(0, name.find(' '));
    if (!is_activation(kind)) {
      fail("{}: \"{}\" {}: these are read: linear, {}", layer.place, key, name, fmt::join(activation_names(), ", "));
    }
    if (kind == "hard_sigmoid" && !source_.version.starts_with("3")) {
      fail("{}: \"{}\" hard_sigmoid: only that of Keras 3 is supported, which differs from that of Keras 2",
           layer.place, key);
    }
    stack_.push_back(plain_layer(parse_stack_layer(name)));
  }
  void activation(const ConfiguredLayer& layer) { add_activation(layer, "activation"); }

  void activation_layer(const ConfiguredLayer& layer) {
    if (layer.class_name == "Softmax") {
      check(layer, integer_of(layer, "axis", -1) == -1, "axis", "-1, the features,");
      return stack_.push_back(plain_layer({.kind = "softmax"}));
    }
    if (layer.class_name == "ELU") {
      return stack_.push_back(plain_layer(parse_stack_layer(fmt::format("elu slope={}", real_of(layer, "alpha", 1)))));
    }
    if (layer.class_name == "LeakyReLU") {
      const double slope = real_of(layer, "negative_slope", real_of(layer, "alpha", 0.3));
      return stack_.push_back(plain_layer(parse_stack_layer(fmt::format("leaky_relu slope={}", slope))));
    }
    check(layer, layer.config->find("max_value") == nullptr || layer.config->find("max_value")->is_null(), "max_value",
          "none");
    check(layer, real_of(layer, "threshold", 0) == 0, "threshold", "0");
    const double slope = real_of(layer, "negative_slope", 0);
    stack_.push_back(plain_layer(parse_stack_layer(slope == 0 ? "relu" : fmt::format("leaky_relu slope={}", slope))));
  }

  // --- recurrent layers ---
  static std::string cell_of(const ConfiguredLayer& layer) {
    const std::string activation = text_of(layer, "activation", "tanh");
    if (layer.class_name == "SimpleRNN") {
      check(layer, activation == "tanh" || activation == "relu", "activation", "tanh or relu");
      return activation == "relu" ? "rnn_relu" : "rnn";
    }
    check(layer, activation == "tanh", "activation", "tanh");
    check(layer, text_of(layer, "recurrent_activation", "sigmoid") == "sigmoid", "recurrent_activation", "sigmoid");
    if (layer.class_name == "LSTM") return "lstm";
    return flag_of(layer, "reset_after", true) ? "gru" : "gru_reset_before";
  }

  RecurrentWeights recurrent_weights(const ConfiguredLayer& layer, const std::string& part) const {
    const auto find = [&](const char* name, int index, bool needed) {
      return weight(layer, {.part = part, .in_cell = true, .name = name, .index = index}, needed);
    };
    const bool bias = flag_of(layer, "use_bias", true);
    return {.kernel = find("kernel", 0, true),
            .recurrent = find("recurrent_kernel", 1, true),
            .bias = bias ? find("bias", 2, true) : Tensor()};
  }

  // `wrapper`: its Bidirectional.
  void recurrent(const ConfiguredLayer& layer, std::optional<ConfiguredLayer> wrapper) {
    check(layer, !flag_of(layer, "go_backwards", false), "go_backwards", "false (but in Bidirectional)");
    check(layer, !flag_of(layer, "return_state", false), "return_state", "false");
    check(layer, !flag_of(layer, "time_major", false), "time_major", "false");
    const std::string cell = cell_of(layer);
    const RecurrentWeights forward = recurrent_weights(layer, wrapper ? "forward" : "");
    const RecurrentWeights backward = wrapper ? recurrent_weights(layer, "backward") : RecurrentWeights{};
    push(recurrent_layer(layer.place, cell, forward, backward), wrapper ? *wrapper : layer);
    if (!flag_of(layer, "return_sequences", false)) stack_.push_back(plain_layer({.kind = "last"}));
  }

  void bidirectional(const ConfiguredLayer& layer) {
    check(layer, text_of(layer, "merge_mode", "none") == "concat", "merge_mode", "concat");
    const ConfiguredLayer inner = inner_of(layer);
    if (inner.class_name != "LSTM" && inner.class_name != "GRU" && inner.class_name != "SimpleRNN") {
      fail("{}: only Bidirectional of LSTM, GRU and SimpleRNN is supported", inner.place);
    }
    recurrent(inner, layer);
  }

  // --- others ---
  void dense(const ConfiguredLayer& layer, bool wrapped) {
    const Tensor bias =
        flag_of(layer, "use_bias", true) ? weight(layer, {.wrapped = wrapped, .name = "bias", .index = 1}) : Tensor();
    push(dense_layer(layer.place, weight(layer, {.wrapped = wrapped, .name = "kernel"}), bias), layer);
    add_activation(layer, "activation");
  }

  void time_distributed(const ConfiguredLayer& layer) {
    const ConfiguredLayer inner = inner_of(layer);
    if (inner.class_name != "Dense") fail("{}: only TimeDistributed of Dense is supported", inner.place);
    dense(inner, true);
  }

  void embedding(const ConfiguredLayer& layer) {
    if (flag_of(layer, "mask_zero", false)) {
      log_info("{}: mask_zero is ignored: symbol 0 is padding in Keras, and Recur reads sequences without padding",
               layer.place);
    }
    push(embedding_layer(layer.place, weight(layer, {.name = "embeddings"})), layer);
  }

  void conv(const ConfiguredLayer& layer) {
    check(layer, integer_of(layer, "groups", 1) == 1, "groups", "1");
    check(layer, text_of(layer, "data_format", "channels_last") == "channels_last", "data_format", "channels_last");
    const Tensor kernel = weight(layer, {.name = "kernel"});
    StackLayer conv;
    conv.stride = integer_of(layer, "strides", 1);
    conv.dilation = integer_of(layer, "dilation_rate", 1);
    const int64_t reach = ((kernel.rank() == 3 ? kernel.size(0) : 1) - 1) * conv.dilation;
    const std::string padding = text_of(layer, "padding", "valid");
    check(layer, padding == "valid" || padding == "causal" || (padding == "same" && conv.stride == 1), "padding",
          "valid, causal, or same without strides");
    conv.before = padding == "causal" ? reach : padding == "same" ? reach / 2 : 0;
    conv.after = padding == "same" ? reach - conv.before : 0;
    const Tensor bias = flag_of(layer, "use_bias", true) ? weight(layer, {.name = "bias", .index = 1}) : Tensor();
    push(conv_layer(layer.place, std::move(conv), kernel, bias), layer);
    add_activation(layer, "activation");
  }

  // Roles in their order, of which center and scale may leave out one.
  struct NormRoles {
    Tensor gamma, beta;
    int next = 0;
  };
  NormRoles norm_roles(const ConfiguredLayer& layer) const {
    NormRoles roles;
    if (flag_of(layer, "scale", true)) roles.gamma = weight(layer, {.name = "gamma", .index = roles.next++});
    if (flag_of(layer, "center", true)) roles.beta = weight(layer, {.name = "beta", .index = roles.next++});
    return roles;
  }

  void layer_norm(const ConfiguredLayer& layer) {
    const int64_t axis = integer_of(layer, "axis", -1);
    check(layer, axis == -1 || axis == 2, "axis", "-1, the features,");
    check(layer, !flag_of(layer, "rms_scaling", false), "rms_scaling", "false");
    const NormRoles roles = norm_roles(layer);
    if (roles.next == 0) fail("{}: not supported without \"scale\" and \"center\"", layer.place);
    push(norm_layer(layer.place, roles.gamma, roles.beta, real_of(layer, "epsilon", kUsualEpsilon)), layer);
  }

  void batch_norm(const ConfiguredLayer& layer) {
    const int64_t axis = integer_of(layer, "axis", -1);
    check(layer, axis == -1 || axis == 2, "axis", "-1, the features,");
    const NormRoles roles = norm_roles(layer);
    push(batch_norm_layer(layer.place,
                          {.gamma = roles.gamma,
                           .beta = roles.beta,
                           .mean = weight(layer, {.name = "moving_mean", .index = roles.next}),
                           .variance = weight(layer, {.name = "moving_variance", .index = roles.next + 1})},
                          real_of(layer, "epsilon", kUsualEpsilon)),
         layer);
  }

  const KerasSource& source_;
  FindWeight weights_;
  int64_t input_ = 0;
  FoundStack stack_;
};

}  // namespace

Model build(const KerasSource& source, const std::vector<ConfiguredLayer>& layers) {
  Builder builder(source);
  for (size_t k = 0; k < layers.size(); ++k) builder.add(layers[k], source.weights(k, layers[k]));
  return std::move(builder).model();
}

}  // namespace recur::keras
