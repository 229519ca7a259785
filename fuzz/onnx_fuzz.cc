// Any bytes give an ONNX model, which is then written and read to the same bytes, and which is layers in a row, or an
// Error: never a crash, an overrun or a hang.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace recur::onnx;
  try {
    const ModelProto model = read_model(std::as_bytes(std::span(data, size)), "input");
    const std::string bytes = write_model(model);
    const ModelProto again = read_model(std::as_bytes(std::span(bytes)), "input");
    if (write_model(again) != bytes) __builtin_trap();
    layers_in_a_row(model, "input", first_constant);
  } catch (const recur::Error&) {
  }
  return 0;
}
