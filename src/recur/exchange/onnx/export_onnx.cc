#include "recur/exchange/onnx/export_onnx.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/autograd/trace_graph.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/random.h"
#include "recur/base/stop.h"
#include "recur/base/version.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/exchange/onnx/read_graph.h"
#include "recur/exchange/onnx/relative_difference.h"
#include "recur/exchange/onnx/write_graph.h"
#include "recur/io/tensor_views.h"
#include "recur/nn/layer_ops.h"
#include "recur/ops/run_graph.h"

namespace recur::onnx {
namespace {

// What a model is compared with, and no part of it.
constexpr std::string_view kLeftOut = "baselines";

std::string type_text(DType dtype, const std::vector<Size>& shape) {
  return fmt::format("{} {}", name_of(dtype), to_string(shape));
}

// Each axis has a few positions at least, so that there are sequences of several lengths.
AxisSizes random_sizes(const Graph& graph, Random& random) {
  constexpr int64_t kFewest = 4, kRange = 14;
  AxisSizes sizes;
  for (const std::string& axis : graph.axes())
    sizes.push_back({axis, kFewest + static_cast<int64_t>(random.below(kRange))});
  return sizes;
}

// The first lengths are 0, 1 and all there is.
Tensors ragged_inputs(const Graph& graph, const AxisSizes& sizes, uint64_t seed) {
  Tensors inputs = random_inputs(graph.inputs, sizes, seed);
  for (size_t k = 0; k < inputs.size(); ++k) {
    const std::string& axis = graph.inputs[k].lengths_of;
    if (axis.empty()) continue;
    auto* lengths = inputs[k].data<int64_t>();
    const int64_t first[] = {0, 1, Size(axis.c_str()).at(sizes)};
    for (int64_t b = 0; b < std::min<int64_t>(inputs[k].numel(), 3); ++b) lengths[b] = first[b];
  }
  return inputs;
}

// States become those after a run from zeros, over all steps of every sequence: not all numbers are states, such as the
// sum of weights that sLSTM divides by, which is positive.
void set_states(const Graph& graph, Tensors& inputs, const AxisSizes& sizes, const OpTable& table) {
  Tensors before = inputs;
  std::vector<std::pair<size_t, size_t>> states;  // of the inputs, and of the outputs
  for (size_t k = 0; k < inputs.size(); ++k) {
    const GraphInput& input = graph.inputs[k];
    if (!input.lengths_of.empty())
      before[k] = Tensor::full(inputs[k].shape(), static_cast<double>(Size(input.lengths_of.c_str()).at(sizes)),
                               inputs[k].dtype());
    const auto after = std::ranges::find(graph.output_names, input.name + "_after");
    if (after == graph.output_names.end()) continue;
    states.emplace_back(k, after - graph.output_names.begin());
    before[k] = Tensor::zeros(inputs[k].shape(), inputs[k].dtype());
  }
  if (states.empty()) return;
  const Tensors outputs = run_graph(graph, before, table);
  for (const auto& [input, output] : states) inputs[input] = outputs[output];
}

// "0.input.ids", "0.output.log_probabilities"
void write_samples(const Graph& graph, const std::vector<Sample>& samples, const std::filesystem::path& path) {
  if (samples.empty()) fail_usage("samples: there are none with --check 0");
  std::vector<TensorView> views;
  for (size_t k = 0; k < samples.size(); ++k) {
    for (size_t i = 0; i < graph.inputs.size(); ++i)
      views.push_back(view_of(fmt::format("{}.input.{}", k, graph.inputs[i].name), samples[k].inputs[i]));
    for (size_t i = 0; i < graph.outputs.size(); ++i)
      views.push_back(view_of(fmt::format("{}.output.{}", k, graph.output_names[i]), samples[k].outputs[i]));
  }
  write_safetensors(path, views);
}

}  // namespace

std::vector<Sample> random_samples(const Graph& graph, int64_t count) {
  const autograd::NoGrad no_grad;
  const OpTable table = all_ops();
  Random random(1);
  std::vector<Sample> samples;
  for (int64_t k = 0; k < count; ++k) {
    check_stop();
    const AxisSizes sizes = random_sizes(graph, random);
    Tensors inputs = ragged_inputs(graph, sizes, static_cast<uint64_t>(k) + 100);
    set_states(graph, inputs, sizes, table);
    Tensors outputs = run_graph(graph, inputs, table);
    samples.push_back({std::move(inputs), std::move(outputs)});
  }
  return samples;
}

double largest_difference(const std::string& bytes, const std::vector<Sample>& samples) {
  constexpr const char* kName = "the exported model";
  const Graph graph = ModelFunction(read_model(std::as_bytes(std::span(bytes)), kName), kName).graph();
  const autograd::NoGrad no_grad;
  const OpTable table = all_ops();
  double largest = 0;
  for (const Sample& sample : samples) {
    check_stop();
    const Tensors ours = run_graph(graph, sample.inputs, table);
    for (size_t k = 0; k < ours.size(); ++k)
      largest = std::max(largest, relative_difference(ours[k], sample.outputs[k]));
  }
  return largest;
}

ModelProto onnx_model(const Graph& graph, const std::string& name) {
  ModelProto proto{.producer = "recur", .producer_version = std::string(version())};
  proto.graph = write_graph(opened_for_onnx(graph), name);
  proto.metadata[kInputsKey] = inputs_text(graph.inputs);
  return proto;
}

ModelProto onnx_model(const Trained& model, const TrainedGraph& of, const GraphRequest& request) {
  ModelProto proto = onnx_model(of.graph, model.info().name);
  for (size_t k = 0; k < proto.graph.inputs.size(); ++k) proto.graph.inputs[k].doc = of.inputs[k];
  for (size_t k = 0; k < proto.graph.outputs.size(); ++k) proto.graph.outputs[k].doc = of.outputs[k];
  for (const std::string& note : of.notes) proto.doc += (proto.doc.empty() ? "" : " ") + note;
  proto.metadata["recur.task"] = model.info().name;
  proto.metadata["recur.options"] = model.options_toml();
  if (!of.parts.empty()) proto.metadata["recur.part"] = request.part.empty() ? of.parts.front() : request.part;
  for (const auto& [name, text] : model.assets())
    if (name != kLeftOut) proto.metadata["recur.asset." + name] = text;
  return proto;
}

ExportReport export_onnx(const Trained& model, const ExportOptions& options, const std::filesystem::path& out) {
  const TrainedGraph of = model.graph(options.graph);
  const std::string bytes = write_model(onnx_model(model, of, options.graph));
  ExportReport report;
  report.notes = of.notes;
  report.checks = options.checks;
  const Graph& graph = of.graph;
  for (size_t k = 0; k < graph.inputs.size(); ++k)
    report.values.push_back(
        {"input", graph.inputs[k].name, type_text(graph.inputs[k].dtype, graph.inputs[k].shape), of.inputs[k]});
  for (size_t k = 0; k < graph.outputs.size(); ++k) {
    const GraphValue& value = graph.values[static_cast<size_t>(graph.outputs[k])];
    report.values.push_back({"output", graph.output_names[k], type_text(value.dtype, value.shape), of.outputs[k]});
  }
  const std::string part = options.graph.part.empty() && !of.parts.empty() ? of.parts.front() : options.graph.part;
  std::ranges::copy_if(of.parts, std::back_inserter(report.other_parts),
                       [&](const std::string& each) { return each != part; });
  const std::vector<Sample> samples = random_samples(graph, options.checks);
  if (options.checks > 0) {
    report.difference = largest_difference(bytes, samples);
    if (!(*report.difference <= kMostRounding))
      fail(
          "onnx: the file would not compute the same as the model: the largest difference is {:.1e}; nothing was "
          "written",
          *report.difference);
  }
  if (!options.samples.empty()) write_samples(graph, samples, options.samples);
  write_file_atomic(out, bytes);
  return report;
}

}  // namespace recur::onnx
