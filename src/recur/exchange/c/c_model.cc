#include "recur/exchange/c/c_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/random.h"
#include "recur/exchange/c/c_parts.h"
#include "recur/exchange/c/c_recurrences.h"
#include "recur/io/int8_tensors.h"
#include "recur/nn/layers/block_layer.h"
#include "recur/nn/layers/cell_layer.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/lm/lm_trained.h"
#include "recur/tasks/network/network_trained.h"

namespace recur::c {
namespace {

constexpr std::array<std::string_view, 9> kActivations{"tanh",     "sigmoid",      "relu", "softmax",   "log_softmax",
                                                       "softplus", "hard_sigmoid", "silu", "leaky_relu"};

// The weights as they are, or, of a model of integers, rounded as its file has them. `name` says which are.
class Weights {
 public:
  explicit Weights(bool int8) : int8_(int8) {}

  Matrix of(const std::string& name, const Tensor& tensor) const {
    if (!tensor.defined()) return {};
    Matrix matrix{.rows = tensor.rank() > 1 ? tensor.size(0) : 1, .columns = tensor.numel()};
    if (tensor.rank() > 1) matrix.columns /= std::max<int64_t>(matrix.rows, 1);
    const Tensor values = tensor.clone(DType::kF32);
    if (int8_ && tensor.rank() == 2) {
      const Int8Tensors rounded({{name, values}});
      if (rounded.views().front().dtype == "I8") return integers(rounded, std::move(matrix));
    }
    matrix.values.assign(values.values<float>().begin(), values.values<float>().end());
    return matrix;
  }

 private:
  static Matrix integers(const Int8Tensors& rounded, Matrix matrix) {
    for (const TensorView& view : rounded.views()) {
      if (view.dtype == "I8") {
        matrix.integers.resize(view.data.size());
        std::memcpy(matrix.integers.data(), view.data.data(), view.data.size());
      } else {
        matrix.scales.resize(view.data.size() / sizeof(float));
        std::memcpy(matrix.scales.data(), view.data.data(), view.data.size());
      }
    }
    return matrix;
  }

  bool int8_;
};

Tensor rows_of(const Tensor& tensor, int64_t begin, int64_t end) {
  return tensor.defined() ? rows(tensor, begin, end) : tensor;
}

Tensor parameter(const Module* module, std::string_view name) {
  if (module == nullptr) return {};
  for (const NamedTensor& each : module->state()) {
    if (each.name == name) return each.value;
  }
  return {};
}

class Collector {
 public:
  explicit Collector(bool int8) : weights_(int8) {}

  void add_recurrent(const Recurrent& network) {
    const RecurrentOptions& options = network.options();
    if (options.bidirectional) refuse("bidirectional layers, which need whole sequences");
    if (options.layer_norm) refuse("layer_norm within recurrent layers");
    if (options.zoneout > 0 || options.zoneout_inner > 0) refuse("zoneout");
    for (const auto& layer : network.layers()) {
      const auto* block = dynamic_cast<const BlockLayer*>(layer.get());
      if (block != nullptr)
        add_block(*block);
      else
        add_layer(*layer);
    }
  }

  void add_plain(const StackLayer& what, int64_t input, int64_t output, const Tensor& weight, const Tensor& bias) {
    if (is_activation(what.kind) && what.kind != "elu" && std::ranges::count(kActivations, what.kind) == 0) {
      refuse(fmt::format("the activation {}, only for {}, elu", what.kind, fmt::join(kActivations, ", ")));
    }
    layers_.push_back({.what = what,
                       .input = input,
                       .output = output,
                       .weight = weights_.of("weight", weight),
                       .bias = weights_.of("bias", bias)});
  }

  std::vector<Layer> layers() && { return std::move(layers_); }

 private:
  [[noreturn]] static void refuse(const std::string& what) { fail("there is no C code for {}", what); }

  void add_layer(const SequenceLayer& layer) {
    const auto* cell = dynamic_cast<const CellLayer*>(&layer);
    if (cell != nullptr && !gates_text(cell->kind()).empty()) return add_cell(*cell);
    if (!is_recurrence(layer.kind())) refuse(fmt::format("layers of the kind {}", layer.kind()));
    Layer own{.what = {.kind = layer.kind(), .size = layer.output_features()},
              .input = layer.input_features(),
              .output = layer.output_features()};
    for (const NamedTensor& part : step_parts(layer.kind(), layer.state()))
      own.parts.emplace_back(part.name, weights_.of(part.name, part.value));
    layers_.push_back(std::move(own));
  }

  // As nn/layers/block_layer.h has it.
  void add_block(const BlockLayer& block) {
    const int64_t width = block.output_features();
    if (parameter(&block, "enter.weight").defined()) add_dense(block, {"enter"});
    const auto add_simple = [&](const char* kind, int64_t features) {
      layers_.push_back({.what = {.kind = kind}, .input = features, .output = features});
    };
    add_simple("keep", width);
    add_norm(block, "norm");
    const int64_t read = block.inner().input_features();
    const Tensor skip = parameter(&block, "weight_skip");
    if (skip.defined()) {
      add_dense(block, {"up_gate", "up"});
      layers_.push_back({.what = {.kind = "keep_gate"}, .input = 2 * read, .output = read});
    }
    if (const Tensor taps = parameter(&block, "weight_conv"); taps.defined()) {
      layers_.push_back({.what = {.kind = "causal_conv", .kernel = taps.size(0)},
                         .input = read,
                         .output = read,
                         .weight = weights_.of("taps", taps),
                         .bias = weights_.of("bias", parameter(&block, "bias_conv"))});
      add_simple("silu", read);
    }
    if (skip.defined()) add_simple("keep_read", read);
    add_layer(block.inner());
    if (block.norm_heads() > 0) {
      const int64_t units = block.inner().output_features();
      layers_.push_back({.what = {.kind = "heads_norm", .layers = block.norm_heads()},
                         .input = units,
                         .output = units,
                         .weight = weights_.of("weight", parameter(&block, "weight_heads"))});
    }
    if (skip.defined())
      layers_.push_back(
          {.what = {.kind = "skip_gate"}, .input = read, .output = read, .weight = weights_.of("weight", skip)});
    add_dense(block, {"leave"});
    add_simple("add", width);
    if (!parameter(&block, "wide.weight").defined()) return;
    add_simple("keep", width);
    add_norm(block, "feed_norm");
    if (parameter(&block, "gate.weight").defined()) {
      add_dense(block, {"gate", "wide"});
      const int64_t both = layers_.back().output;
      layers_.push_back({.what = {.kind = "geglu"}, .input = both, .output = both / 2});
    } else {
      add_dense(block, {"wide"});
      add_simple("gelu_tanh", layers_.back().output);
    }
    add_dense(block, {"narrow"});
    add_simple("add", width);
  }

  // The outputs of maps of the same input, one after the other. Files have the matrices of blocks as weight_l0 and so
  // on, which are rounded as those of recurrent layers are.
  void add_dense(const BlockLayer& block, const std::vector<std::string>& names) {
    Tensors weights, biases;
    for (const std::string& name : names) {
      weights.push_back(parameter(&block, name + ".weight"));
      if (const Tensor bias = parameter(&block, name + ".bias"); bias.defined()) biases.push_back(bias);
    }
    const Tensor weight = concat(weights, 0);
    layers_.push_back({.what = {.kind = "dense", .size = weight.size(0)},
                       .input = weight.size(1),
                       .output = weight.size(0),
                       .weight = weights_.of("weight_l", weight),
                       .bias = weights_.of("bias", biases.empty() ? Tensor() : concat(biases, 0))});
  }

  void add_norm(const BlockLayer& block, const std::string& name) {
    const int64_t width = block.output_features();
    layers_.push_back({.what = {.kind = "layer_norm"},
                       .input = width,
                       .output = width,
                       .weight = weights_.of("weight", parameter(&block, name + ".weight")),
                       .bias = weights_.of("bias", parameter(&block, name + ".bias"))});
  }

  void add_cell(const CellLayer& cell) {
    const LayerParameters p = cell.tensors();
    const int64_t hidden = cell.hidden(), late = cell.cell().late_gates();
    const int64_t early = (cell.cell().gates - late) * hidden, all = cell.cell().gates * hidden;
    Layer layer{.what = {.kind = cell.kind(), .size = hidden},
                .input = cell.input_features(),
                .output = cell.output_features(),
                .weight = weights_.of("weight_ih", p.weight_ih),
                .bias = weights_.of("bias_ih", p.bias_ih),
                .recurrent = weights_.of("weight_hh", rows_of(p.weight_hh, 0, early)),
                .recurrent_bias = weights_.of("bias_hh", rows_of(p.bias_hh, 0, early))};
    if (late > 0) {
      layer.late = weights_.of("weight_hh", rows_of(p.weight_hh, early, all));
      layer.late_bias = weights_.of("bias_hh", rows_of(p.bias_hh, early, all));
    }
    layer.peephole = weights_.of("peephole", p.unit_weights);
    layer.projection = weights_.of("weight_hr", p.projection);
    layers_.push_back(std::move(layer));
  }

  Weights weights_;
  std::vector<Layer> layers_;
};

// A step's `last` is the step itself: the caller takes the one after the last.
std::vector<Layer> layers_of(const NetworkModel& network, bool int8) {
  Collector collector(int8);
  for (size_t k = 0; k < network.stack().size(); ++k) {
    const StackLayer& what = network.stack()[k];
    const Module* module = network.stages()[k]->parameters();
    if (const auto* recurrent = dynamic_cast<const Recurrent*>(module)) {
      collector.add_recurrent(*recurrent);
    } else if (what.kind == "reverse") {
      fail("there is no C code for layer 'reverse', which needs whole sequences");
    } else if (is_join(what.kind) || what.kind == "magnitude") {
      fail("there is no C code for layer '{}'", text_of(what));
    } else if (what.kind != "last") {
      if (what.kind == "conv" && !network.stages()[k]->is_causal()) {
        fail(
            "there is no C code for layer '{}': convolutions must have stride 1 and all their padding before the first "
            "step",
            text_of(what));
      }
      collector.add_plain(what, network.features()[k], network.features()[k + 1], parameter(module, "weight"),
                          parameter(module, "bias"));
    }
  }
  return std::move(collector).layers();
}

std::vector<Layer> layers_of(const LmModel& network, bool int8) {
  Collector collector(int8);
  const Tensor& table = network.embedding().weight;
  collector.add_plain({.kind = "embedding", .size = table.size(1), .vocabulary = table.size(0)}, 1, table.size(1),
                      table, {});
  collector.add_recurrent(network.rnn());
  for (const char* name : {"projection", "decoder"}) {
    Tensor weight = parameter(&network, fmt::format("{}.weight", name));
    const Tensor bias = parameter(&network, fmt::format("{}.bias", name));
    if (!weight.defined() && name == std::string_view("decoder")) weight = table;  // tied
    if (weight.defined())
      collector.add_plain({.kind = "dense", .size = weight.size(0)}, weight.size(1), weight.size(0), weight, bias);
  }
  return std::move(collector).layers();
}

// A few steps, but not more than a few thousand numbers.
int64_t test_steps(int64_t input, int64_t output) {
  constexpr int64_t kNumbers = 8192;
  return std::clamp<int64_t>(kNumbers / (input + output), 2, 16);
}

// Inputs for the test: standard normal numbers, or symbols.
Tensor test_inputs(const Model& model) {
  Random random(1);
  Tensor x = Tensor::empty({model.test_steps, 1, model.vocabulary > 0 ? 1 : model.input});
  for (float& value : std::span(x.data<float>(), static_cast<size_t>(x.numel()))) {
    value = model.vocabulary > 0 ? static_cast<float>(random.below(static_cast<uint64_t>(model.vocabulary)))
                                 : static_cast<float>(random.normal());
  }
  return x;
}

std::vector<float> numbers_of(const Tensor& tensor) {
  const Tensor values = tensor.clone(DType::kF32);
  return {values.values<float>().begin(), values.values<float>().end()};
}

// Of a network with `last`, its output after each number of steps, as the C program gives it.
Tensor run_steps(const NetworkModel& network, const Tensor& x) {
  if (!network.gives_one()) return network(x);
  Tensor out = Tensor::empty({x.size(0), 1, network.output_features()});
  float* to = out.data<float>();
  for (int64_t t = 0; t < x.size(0); ++t) to = std::ranges::copy(numbers_of(network(rows(x, 0, t + 1))), to).out;
  return out;
}

Tensor run_steps(const LmModel& network, const Tensor& x) {
  Tensor ids = Tensor::empty({x.size(0), 1}, DType::kI32);
  for (int64_t t = 0; t < x.size(0); ++t) ids.data<int32_t>()[t] = static_cast<int32_t>(x.data<float>()[t]);
  return network.logits(network(ids, {.mode = Mode::evaluation()}).features);
}

// `exact`: a new network of the same sizes. It is given the weights in f64, and computes what the test expects, so that
// what a program is held against is not itself off by the rounding of f32. Integers of 8 bits are computed with as the
// model does.
template <class Network>
Model collect(const Network& network, Network exact, bool int8, Model model) {
  const autograd::NoGrad no_grad;
  model.layers = layers_of(network, int8);
  if (model.layers.empty()) fail("there is no C code for a model without layers");
  model.test_steps = test_steps(model.input, model.output);
  const Tensor x = test_inputs(model);
  model.test_inputs = numbers_of(x);
  if (int8) {
    model.test_outputs = numbers_of(run_steps(network, x));
    return model;
  }
  exact.load_state(network.state());
  exact.to(DType::kF64);
  model.test_outputs = numbers_of(run_steps(exact, x));
  return model;
}

std::string description_of(const NetworkModel& network) {
  std::string out = "network: ";
  for (const StackLayer& layer : network.stack()) out += (out.ends_with(": ") ? "" : ", ") + text_of(layer);
  return out;
}

}  // namespace

int64_t Matrix::bytes() const { return static_cast<int64_t>(integers.size() + 4 * scales.size() + 4 * values.size()); }

Model model_of(const Trained& trained) {
  const bool int8 = trained.module().infers_in_int8();
  if (const auto* network = dynamic_cast<const NetworkTrained*>(&trained)) {
    const NetworkModel& model = network->network();
    return collect(model, NetworkModel(network->options().model), int8,
                   {.description = description_of(model),
                    .layers = {},
                    .input = model.input_features(),
                    .output = model.output_features(),
                    .vocabulary = model.vocabulary()});
  }
  if (const auto* lm = dynamic_cast<const LmTrained*>(&trained)) {
    const LmModel& model = lm->network();
    Random random(1);  // parameters that are replaced
    return collect(model, LmModel(lm->options().model, model.vocabulary(), random), int8,
                   {.description = "language model: scores of the next symbol, whose softmax is its probability",
                    .layers = {},
                    .input = 1,
                    .output = model.vocabulary(),
                    .vocabulary = model.vocabulary()});
  }
  fail("there is no C code for models of the task {}, only for lm and network", trained.info().name);
}

}  // namespace recur::c
