// Trained models as ONNX files.
#pragma once

#include "recur/exchange/formats.h"
#include "recur/exchange/onnx/messages.h"

namespace recur::onnx {

// The format of `recur export --to onnx`: docs/export.md says what the file holds.
ExportReport export_onnx(const Trained& model, const ExportOptions& options, const std::filesystem::path& out);

// The model with metadata: task, options, vocabularies, classes and scalers.
ModelProto onnx_model(const Trained& model, const TrainedGraph& graph, const GraphRequest& request);
// A graph without them.
ModelProto onnx_model(const Graph& graph, const std::string& name);

// Inputs with sequences of lengths 0, 1 and more, with states of a network that has run, and what the graph gives for
// them.
struct Sample {
  Tensors inputs, outputs;
};
std::vector<Sample> random_samples(const Graph& graph, int64_t count);

// The largest difference |file - sample| / max(1, |sample|) over the outputs. The bytes are read and run as any ONNX
// file is.
double largest_difference(const std::string& bytes, const std::vector<Sample>& samples);

}  // namespace recur::onnx
