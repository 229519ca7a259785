// Any bytes give an ONNX model, which is then written and read to the same bytes, and which is layers in a row, as it
// is and called once a step, or an Error: never a crash, an overrun or a hang.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/exchange/onnx/chain.h"
#include "recur/exchange/onnx/model_file.h"

namespace {

// Stands for the ops, which are not built here: constants as they are.
recur::Tensors first_constant(const recur::onnx::NodeProto& node, const recur::Tensors& inputs) {
  if (node.op != "Constant")
    return inputs.empty() || !inputs[0].defined() ? recur::Tensors() : recur::Tensors{inputs[0]};
  const recur::onnx::Attribute* value = node.find("value");
  const auto* tensor = value == nullptr ? nullptr : std::get_if<recur::onnx::TensorProto>(&value->value);
  return tensor == nullptr ? recur::Tensors() : recur::Tensors{tensor->value};
}

// The first input with eight numbers along each open axis, which makes a call of the graph one step.
std::vector<std::string> step_of(const recur::onnx::ModelProto& model) {
  if (model.graph.inputs.empty() || !model.graph.inputs[0].shape) return {};
  const recur::onnx::ValueInfo& input = model.graph.inputs[0];
  std::string text = input.name + "=";
  for (const recur::onnx::Dimension& dimension : *input.shape)
    text += (text.back() == '=' ? "" : "x") + std::to_string(dimension.size.value_or(8));
  return {text};
}

void read_layers(const recur::onnx::ModelProto& model, const std::vector<std::string>& inputs) {
  try {
    layers_in_a_row(model, "input", first_constant, inputs);
  } catch (const recur::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace recur::onnx;
  try {
    const ModelProto model = read_model(std::as_bytes(std::span(data, size)), "input");
    const std::string bytes = write_model(model);
    const ModelProto again = read_model(std::as_bytes(std::span(bytes)), "input");
    if (write_model(again) != bytes) __builtin_trap();
    read_layers(model, {});
    read_layers(model, step_of(model));
  } catch (const recur::Error&) {
  }
  return 0;
}
