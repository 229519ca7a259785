// Layers with parameters. recur.nn puts them into modules that people write.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "binding.h"
#include "recur/base/error.h"
#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/norm.h"
#include "recur/nn/recurrent.h"

namespace recur::python {
namespace {

using Released = nb::call_guard<nb::gil_scoped_release>;
using Named = std::vector<std::pair<std::string, Tensor>>;
using Words = std::vector<std::pair<std::string, std::string>>;

Named named(const NamedTensors& tensors) {
  Named result;
  for (const NamedTensor& each : tensors) result.emplace_back(each.name, each.value);
  return result;
}

Mode mode_of(bool training) { return training ? Mode::training() : Mode::evaluation(); }

RecurrentOutput run(const Recurrent& layers, const Tensor& x, const std::vector<int64_t>& lengths,
                    const std::vector<Tensors>& state, bool training) {
  return layers(x, {.lengths = lengths, .state = {state}, .mode = mode_of(training)});
}

// The options of RecurrentOptions that a keyword sets, each by its name.
class OptionReader {
 public:
  explicit OptionReader(const nb::kwargs& given) : given_(given) {}

  template <class T>
  void operator()(const char* name, T& option) {
    known_.emplace_back(name);
    if (!given_.contains(name)) return;
    ++taken_;
    if (!nb::try_cast(given_[name], option)) fail_usage("{}: a value of another type was expected", name);
  }
  void finish() const {
    if (taken_ == given_.size()) return;
    for (const auto& [key, value] : given_) {
      const auto name = nb::cast<std::string>(key);
      if (std::ranges::find(known_, name) == known_.end())
        fail_usage("there is no option '{}' of recurrent layers", name);
    }
  }

 private:
  const nb::kwargs& given_;
  std::vector<std::string> known_;
  size_t taken_ = 0;
};

RecurrentOptions recurrent_options(const nb::kwargs& given) {
  RecurrentOptions o;
  OptionReader read(given);
  read("cell", o.cell);
  read("input", o.input);
  read("hidden", o.hidden);
  read("layers", o.layers);
  read("widths", o.widths);
  read("cells", o.cells);
  read("bidirectional", o.bidirectional);
  read("bias", o.bias);
  read("projection", o.projection);
  read("layer_norm", o.layer_norm);
  read("block", o.block);
  read("block_conv", o.block_conv);
  read("memory_heads", o.memory_heads);
  read("dropout", o.dropout);
  read("locked_dropout", o.locked_dropout);
  read("recurrent_dropout", o.recurrent_dropout);
  read("weight_drop", o.weight_drop);
  read("zoneout", o.zoneout);
  read("zoneout_inner", o.zoneout_inner);
  read("init", o.init);
  read("chrono_steps", o.chrono_steps);
  read("forget_bias", o.forget_bias);
  read("recompute", o.recompute);
  read.finish();
  return o;
}

void bind_module(nb::module_& m) {
  nb::class_<Module>(m, "Module", "A layer of the library: named parameters and buffers.")
      .def(
          "named_parameters", [](const Module& module) { return named(module.named_parameters()); },
          "The parameters by their names, which are PyTorch's where it has the layer.")
      .def("rate_factors", &Module::rate_factors,
           "For each parameter, by what the layer asks an optimiser to multiply its learning rate.")
      .def(
          "named_buffers", [](const Module& module) { return named(module.named_buffers()); },
          "What belongs to the layer but is not trained, such as running means.")
      .def(
          "to",
          [](Module& module, const std::string& dtype) {
            if (dtype != "float32" && dtype != "float64")
              fail_usage("to: expected float32 or float64, got '{}'", dtype);
            module.to(dtype == "float64" ? DType::kF64 : DType::kF32);
          },
          nb::arg("dtype"), "Converts parameters and buffers in place.");
  nb::class_<Linear, Module>(m, "Linear", "x [..., in] times a weight, plus a bias.")
      .def(
          "__init__",
          [](Linear* self, int64_t in, int64_t out, bool bias) {
            if (in < 1 || out < 1)
              fail_usage("Linear: expected at least one feature in and out, got {} and {}", in, out);
            new (self) Linear({.in = in, .out = out, .bias = bias});
          },
          nb::arg("in_features"), nb::arg("out_features"), nb::arg("bias") = true)
      .def("__call__", &Linear::operator(), nb::arg("x"), Released());
  nb::class_<Embedding, Module>(m, "Embedding", "A table with a vector for each symbol.")
      .def(
          "__init__",
          [](Embedding* self, int64_t vocabulary, int64_t features) {
            if (vocabulary < 1 || features < 1)
              fail_usage("Embedding: expected at least one symbol and feature, got {} and {}", vocabulary, features);
            new (self) Embedding({.vocabulary = vocabulary, .features = features});
          },
          nb::arg("vocabulary"), nb::arg("features"))
      .def(
          "__call__",
          [](const Embedding& embedding, const Tensor& ids) {
            return embedding(ids.dtype() == DType::kI64 ? ids.clone(DType::kI32) : ids);
          },
          nb::arg("ids"), Released());
  nb::class_<LayerNorm, Module>(m, "LayerNorm", "Layer normalisation with a learned scale and shift.")
      .def(
          "__init__",
          [](LayerNorm* self, int64_t features, double epsilon) {
            if (features < 1) fail_usage("LayerNorm: expected at least one feature, got {}", features);
            new (self) LayerNorm({.features = features, .epsilon = epsilon});
          },
          nb::arg("features"), nb::arg("epsilon") = 1e-5)
      .def("__call__", &LayerNorm::operator(), nb::arg("x"), Released());
  nb::class_<BatchNorm, Module>(m, "BatchNorm", "Batch normalisation with a learned scale and shift.")
      .def(
          "__init__",
          [](BatchNorm* self, int64_t channels, double momentum, double epsilon, bool renormalize) {
            if (channels < 1) fail_usage("BatchNorm: expected at least one channel, got {}", channels);
            new (self)
                BatchNorm({.channels = channels, .momentum = momentum, .epsilon = epsilon, .renormalize = renormalize});
          },
          nb::arg("channels"), nb::arg("momentum") = 0.1, nb::arg("epsilon") = 1e-5, nb::arg("renormalize") = false)
      .def(
          "__call__", [](const BatchNorm& norm, const Tensor& x, bool training) { return norm(x, mode_of(training)); },
          nb::arg("x"), nb::arg("training") = true, Released());
}

}  // namespace

void bind_layers(nb::module_& m) {
  bind_module(m);
  nb::class_<Recurrent, Module>(m, "Recurrent", "Recurrent layers, in one or both directions.")
      .def(
          "__init__",
          [](Recurrent* self, const nb::kwargs& options) { new (self) Recurrent(recurrent_options(options)); },
          nb::sig("def __init__(self, **options: typing.Any) -> None"))
      .def(
          "__call__",
          [](const Recurrent& layers, const Tensor& x, const std::vector<int64_t>& lengths,
             const std::vector<Tensors>& state, bool training) {
            RecurrentOutput out = run(layers, x, lengths, state, training);
            return std::pair(std::move(out.y), std::move(out.state.layers));
          },
          nb::arg("x"), nb::arg("lengths") = std::vector<int64_t>{}, nb::arg("state") = std::vector<Tensors>{},
          nb::arg("training") = true, Released(),
          "x [T, B, F] -> (y [T, B, D H], the states after each sequence's last step).")
      .def(
          "zero_state", [](const Recurrent& layers, int64_t batch) { return layers.zero_state(batch).layers; },
          nb::arg("batch"), "The states before the first step: of each layer and direction its tensors [B, ...].")
      .def_prop_ro(
          "input_features", [](const Recurrent& layers) { return layers.options().input; }, "F.")
      .def_prop_ro("output_features", &Recurrent::output_features, "The features of y.");
  m.def(
      "layer_kinds",
      [] {
        Words kinds;
        for (const LayerKind& kind : layer_kinds()) kinds.emplace_back(kind.name, kind.description);
        return kinds;
      },
      "The kinds of layers that a recurrent stack can be made of, each with a few words.");
}

}  // namespace recur::python
