#include "recur/exchange/import_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/json_read.h"
#include "recur/data/files/data_file.h"
#include "recur/data/files/zip_archive.h"
#include "recur/exchange/arrange_layers.h"
#include "recur/exchange/convert_numbers.h"
#include "recur/exchange/keras/keras_file.h"
#include "recur/exchange/onnx/chain.h"
#include "recur/exchange/onnx/check_layers.h"
#include "recur/exchange/onnx/fold_constants.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/exchange/rtneural/rtneural_file.h"
#include "recur/exchange/torch/state_dict.h"
#include "recur/exchange/torch/torch_file.h"
#include "recur/io/safetensors.h"
#include "recur/tasks/network/network_trained.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostInMemory = size_t{1} << 28;  // of an archive; a larger one is kept in a scratch file
constexpr int kDeepestJson = 12;

void check_unused(const fs::path& path, const std::string& option, const char* name) {
  if (!option.empty())
    fail_usage("{}: {} does not apply to this file, which lists its layers in order", path.string(), name);
}

std::unique_ptr<Trained> arranged(const std::string& file, std::vector<FoundLayer> found, const ImportOptions& options,
                                  bool in_order) {
  const FoundStack stack = arrange(std::move(found), {.file = file, .layers = options.layers, .in_order = in_order});
  return make_network(file, input_of(stack), stack);
}

ImportedModel of_json(const fs::path& path, const ImportOptions& options) {
  const std::string file = path.string();
  const std::string text = read_file(path);
  const JsonRead read = read_json(text, kDeepestJson);
  if (!read.document) fail("{}: byte {}: {}", file, read.byte, read.fault);
  if (!rtneural::is_model(*read.document)) {
    const NamedTensors tensors = rtneural::read_tensors(file, *read.document);
    return {arranged(file, torch::layers_of(file, tensors), options, true), "state dict as JSON"};
  }
  check_unused(path, options.layers, "--layers");
  check_unused(path, options.key, "--key");
  const rtneural::Model model = rtneural::read_model(file, *read.document);
  return {make_network(file, model.input, model.stack), "RTNeural JSON"};
}

ImportedModel of_zip(const fs::path& path, const ImportOptions& options) {
  const std::string file = path.string();
  const std::vector<ZipMember> members = raw_zip_members(DataFile(path), kMostInMemory);
  if (torch::is_torch_archive(members)) {
    const NamedTensors tensors = torch::read_state_dict(file, members, options.key);
    return {arranged(file, torch::layers_of(file, tensors), options, true), "PyTorch state dict"};
  }
  if (keras::is_keras_archive(members)) {
    check_unused(path, options.layers, "--layers");
    const keras::Model model = keras::read_archive(file, members);
    return {make_network(file, model.input, model.stack), "Keras model"};
  }
  fail("{}: a zip archive of neither PyTorch (data.pkl) nor Keras (config.json, model.weights.h5)", file);
}

ImportedModel of_hdf5(const fs::path& path, const ImportOptions& options) {
  const std::string file = path.string();
  const keras::Hdf5Contents contents = keras::read_hdf5(file);
  if (contents.model) {
    check_unused(path, options.layers, "--layers");
    return {make_network(file, contents.model->input, contents.model->stack), "Keras model in HDF5"};
  }
  return {arranged(file, contents.layers, options, false), "Keras weights in HDF5"};
}

ImportedModel of_safetensors(const fs::path& path, const ImportOptions& options) {
  const std::string file = path.string();
  const SafetensorsFile tensors = SafetensorsFile::open(path);
  if (tensors.metadata().contains("recur.kind")) fail("{}: a file of Recur itself, which need not be imported", file);
  NamedTensors state;
  for (const TensorView& view : tensors.tensors()) {
    if (view.name.ends_with("num_batches_tracked")) continue;
    state.push_back({view.name, f32_tensor(file + ": " + view.name, view.dtype, view.data, Shape(view.shape))});
  }
  return {arranged(file, torch::layers_of(file, state), options, false), "safetensors by PyTorch's names"};
}

ImportedModel of_onnx(const fs::path& path, const ImportOptions& options) {
  const std::string file = path.string();
  check_unused(path, options.layers, "--layers");
  check_unused(path, options.key, "--key");
  const onnx::ModelProto model = onnx::read_model(path);
  const onnx::LayersInARow read =
      onnx::layers_in_a_row(model, file, onnx::fold_constants(model.opset, file), options.inputs);
  ImportedModel imported{make_network(file, read.input, read.stack), "ONNX model"};
  const auto& network = dynamic_cast<const NetworkTrained&>(*imported.trained).network();
  imported.difference = onnx::check_layers(read.graph, network, file);
  return imported;
}

// ONNX has no mark of its own: a model begins with its version and the tag of one of the next fields.
bool is_onnx(const fs::path& path, std::string_view head) {
  constexpr std::string_view kTags = "\x12\x1a\x22\x28\x32\x3a\x42";
  return path.extension() == ".onnx" ||
         (head.size() > 2 && head[0] == '\x08' && kTags.find(head[2]) != std::string_view::npos);
}

// What is told by the first bytes and not read.
void check_not_other(const fs::path& path, std::string_view head) {
  const std::string file = path.string();
  if (torch::is_legacy_file(head)) torch::fail_legacy(file);
  if (head.starts_with("GGUF")) fail("{}: a GGUF file; save the weights as safetensors", file);
  if (head.size() > 8 && head.substr(4, 4) == "TFL3")
    fail("{}: a TensorFlow Lite model; save the model as .keras", file);
  if (head.starts_with("\x80"))
    fail("{}: a Python pickle; save weights with torch.save(model.state_dict(), ...)", file);
}

ImportedModel read_model(const fs::path& path, const ImportOptions& options) {
  if (fs::is_directory(path)) {
    fail(
        "{}: a folder; expected a file: .pt, .pth, .safetensors, .keras, .h5, .json or .onnx. Of a TensorFlow "
        "SavedModel, save the model as .keras",
        path.string());
  }
  constexpr size_t kHead = 512;
  const MappedFile mapped(path);
  const std::string_view head = mapped.text().substr(0, kHead);
  const size_t first = head.find_first_not_of(" \t\r\n");
  if (!options.inputs.empty() && !is_onnx(path, head))
    fail_usage("{}: --input is for ONNX graphs, which this is not", path.string());
  if (head.starts_with("PK\3\4")) return of_zip(path, options);
  if (head.starts_with("\x89HDF\r\n\x1a\n")) return of_hdf5(path, options);
  if (first != std::string_view::npos && head[first] == '{') return of_json(path, options);
  if (head.size() > 8 && head[8] == '{') return of_safetensors(path, options);
  if (is_onnx(path, head)) return of_onnx(path, options);
  check_not_other(path, head);
  fail(
      "{}: not known as a model; these are read: .pt and .pth of PyTorch, .safetensors, .keras and .h5 of Keras, .json "
      "of RTNeural, .onnx",
      path.string());
}

// Such a model predicts nothing: it comes from a training that went wrong.
void check_weights(const fs::path& path, const Module& module) {
  for (const auto& [name, value] : module.named_parameters()) {
    const auto weights = value.values<float>();
    const auto bad = std::ranges::count_if(weights, [](float weight) { return !std::isfinite(weight); });
    if (bad > 0) fail("{}: {}: {} of {} weights are NaN or infinite", path.string(), name, bad, weights.size());
  }
}

}  // namespace

ImportedModel import_model(const fs::path& path, const ImportOptions& options) {
  ImportedModel imported = read_model(path, options);
  check_weights(path, imported.trained->module());
  return imported;
}

}  // namespace recur
