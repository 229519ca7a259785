#include "recur/exchange/torch/state_dict.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/exchange/keras/keras_weights.h"

namespace recur::torch {
namespace {

constexpr double kUsualEpsilon = 1e-5;

// The tensors of one module, by the last parts of their names.
struct Group {
  std::string name;
  NamedTensors tensors;

  const Tensor* find(std::string_view tensor) const {
    const auto at = std::ranges::find(tensors, tensor, &NamedTensor::name);
    return at == tensors.end() ? nullptr : &at->value;
  }
  Tensor get(std::string_view tensor) const {
    const Tensor* found = find(tensor);
    return found == nullptr ? Tensor() : *found;
  }
};

std::vector<Group> groups_of(const NamedTensors& tensors) {
  std::vector<Group> groups;
  for (const NamedTensor& each : tensors) {
    const size_t dot = each.name.rfind('.');
    std::string module = dot == std::string::npos ? "" : each.name.substr(0, dot);
    const std::string name = dot == std::string::npos ? each.name : each.name.substr(dot + 1);
    if (name == "num_batches_tracked") continue;
    auto at = std::ranges::find(groups, module, &Group::name);
    if (at == groups.end()) at = groups.insert(groups.end(), Group{.name = std::move(module), .tensors = {}});
    at->tensors.push_back({name, each.value});
  }
  return groups;
}

class GroupReader {
 public:
  GroupReader(const std::string& file, const Group& group)
      : group_(group),
        name_(group.name.empty() ? "(module)" : group.name),
        place_(fmt::format("{}: {}", file, name_)) {}

  FoundLayer read() {
    if (group_.find("weight_ih_l0") != nullptr || group_.find("weight_ih") != nullptr) return recurrent();
    if (group_.find("running_mean") != nullptr) return batch_norm();
    const Tensor* weight = group_.find("weight");
    if (weight == nullptr || std::ranges::any_of(group_.tensors, [](const NamedTensor& each) {
          return each.name != "weight" && each.name != "bias";
        })) {
      fail_unknown();
    }
    if (weight->rank() == 1) return layer_norm(*weight);
    if (weight->rank() == 2) return linear(*weight);
    if (weight->rank() == 3) return conv(*weight);
    fail_unknown();
  }

 private:
  [[noreturn]] void fail_unknown() const {
    std::string names;
    for (const NamedTensor& each : group_.tensors) {
      names += fmt::format("{}{} {}", names.empty() ? "" : ", ", each.name, each.value.shape().str());
    }
    fail(
        "{}: no known module has these tensors: {}; known are LSTM, GRU, RNN and their cells, Linear, "
        "Embedding, "
        "Conv1d, LayerNorm and BatchNorm1d",
        place_, names);
  }

  Tensor need(const std::string& tensor, int rank) const {
    Tensor found = group_.get(tensor);
    if (!found.defined()) fail("{}: {} is missing", place_, tensor);
    if (found.rank() != rank) {
      fail("{}.{}: expected {} axes, got the shape {}", place_, tensor, rank, found.shape().str());
    }
    return found;
  }

  FoundLayer recurrent() {
    const bool cell = group_.find("weight_ih_l0") == nullptr;  // nn.LSTMCell: without _l0
    const std::string end = cell ? "" : "_l0";
    const Tensor ih = need("weight_ih" + end, 2), hh = need("weight_hh" + end, 2);
    const Tensor projection = group_.get("weight_hr" + end);
    FoundLayer found{.name = name_, .layer = {}, .input = ih.size(1)};
    const int64_t rows = hh.size(0);
    const int64_t hidden = projection.defined() ? rows / 4 : hh.size(1);
    const int64_t gates = hidden > 0 && rows % hidden == 0 ? rows / hidden : 0;
    if (gates == 4) {
      found.layer.kind = "lstm";
    } else if (gates == 3) {
      found.layer.kind = "gru";
    } else if (gates == 1) {
      found.layer.kind = "rnn";
      log_info("{}: a simple RNN is assumed to use tanh; for relu set --layers \"{}:rnn_relu\"", place_, name_);
    } else {
      fail("{}.weight_hh{}: expected 1, 3 or 4 times as many rows as columns, got {}", place_, end, hh.shape().str());
    }
    found.layer.size = hidden;
    found.layer.projection = projection.defined() ? hh.size(1) : 0;
    found.layer.bias = group_.find("bias_ih" + end) != nullptr;
    found.layer.bidirectional = group_.find("weight_ih_l0_reverse") != nullptr;
    while (group_.find(fmt::format("weight_ih_l{}", found.layer.layers)) != nullptr) ++found.layer.layers;
    for (const NamedTensor& each : group_.tensors) {
      found.tensors.push_back({cell ? each.name + "_l0" : each.name, each.value});
    }
    return found;
  }

  FoundLayer batch_norm() {
    log_info("{}: batch normalisation with the usual epsilon, {}, which the file does not say", place_, kUsualEpsilon);
    FoundLayer found = keras::batch_norm_layer(place_,
                                               {.gamma = group_.get("weight"),
                                                .beta = group_.get("bias"),
                                                .mean = group_.get("running_mean"),
                                                .variance = group_.get("running_var")},
                                               kUsualEpsilon);
    found.name = name_;
    return found;
  }

  FoundLayer layer_norm(const Tensor& weight) {
    log_info(
        "{}: layer normalisation with the usual epsilon, {}, which the file does not say; --layers "
        "\"{}:epsilon=...\" does",
        place_, kUsualEpsilon, name_);
    FoundLayer found = keras::norm_layer(place_, weight, group_.get("bias"), kUsualEpsilon);
    found.name = name_;
    return found;
  }

  FoundLayer linear(const Tensor& weight) {
    const Tensor bias = group_.get("bias");
    FoundLayer found{.name = name_,
                     .layer = {.kind = "dense", .size = weight.size(0), .bias = bias.defined()},
                     .input = weight.size(1),
                     .tensors = {{"weight", weight}}};
    if (bias.defined()) found.tensors.push_back({"bias", bias});
    found.may_be_embedding = !bias.defined();
    if (!bias.defined() && lower(name_).find("emb") != std::string::npos) {  // so called
      found.layer = {.kind = "embedding", .size = weight.size(1), .vocabulary = weight.size(0)};
      found.input = 1;
      found.may_be_embedding = false;
    }
    return found;
  }

  FoundLayer conv(const Tensor& weight) {
    const Tensor bias = group_.get("bias");
    FoundLayer found{
        .name = name_,
        .layer = {.kind = "conv", .size = weight.size(0), .kernel = weight.size(2), .bias = bias.defined()},
        .input = weight.size(1),
        .tensors = {{"weight", weight}}};
    if (bias.defined()) found.tensors.push_back({"bias", bias});
    const int64_t side = (weight.size(2) - 1) / 2;
    found.open = fmt::format(
        "a file does not give the padding and stride of a convolution; set --layers "
        "\"...,{}:before={}:after={}:stride=1,...\", or {}:conv for no padding",
        name_, side, side, name_);
    return found;
  }

  static std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return text;
  }

  const Group& group_;
  std::string name_, place_;
};

}  // namespace

std::vector<FoundLayer> layers_of(const std::string& file, const NamedTensors& tensors) {
  std::vector<FoundLayer> layers;
  for (const Group& group : groups_of(tensors)) {
    try {
      layers.push_back(GroupReader(file, group).read());
    } catch (const Error& error) {
      layers.push_back({.name = group.name, .unknown = error.what()});
    }
  }
  return layers;
}

}  // namespace recur::torch
