#include "recur/exchange/onnx/fold_constants.h"

#include <algorithm>
#include <array>
#include <memory>

#include "recur/autograd/node.h"
#include "recur/exchange/onnx/program.h"
#include "recur/ops/broadcast.h"

namespace recur::onnx {
namespace {

// Those that give no more elements than they read.
constexpr std::array<std::string_view, 16> kNoMore{"Cast", "Concat",  "Constant",  "Flatten",  "Identity", "Neg",
                                                   "Not",  "Reshape", "Shape",     "Size",     "Slice",    "Split",
                                                   "Sqrt", "Squeeze", "Transpose", "Unsqueeze"};
constexpr std::array<std::string_view, 12> kOfTwo{
    "Add", "And", "Div", "Equal", "Gather", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Mul", "Or", "Sub"};
constexpr int64_t kMostFolded = int64_t{1} << 27;  // elements in all

// An upper bound on the elements that the node gives; -1: it is not folded.
int64_t elements_of_shape(const Tensor& shape) {
  if (shape.dtype() != DType::kI64 || shape.rank() != 1) return -1;
  int64_t product = 1;
  for (const int64_t size : shape.values<int64_t>())
    if (size < 0 || __builtin_mul_overflow(product, std::max<int64_t>(size, 1), &product)) return -1;
  constexpr int64_t kMost = 1 << 20;
  return product <= kMost ? product : -1;
}

int64_t most_elements(const NodeProto& node, const Tensors& inputs) {
  int64_t sum = 1;
  for (const Tensor& input : inputs) sum += input.defined() ? input.numel() : 0;
  if (std::ranges::count(kNoMore, node.op) > 0) return sum;
  if (node.op == "ConstantOfShape")
    return inputs.size() == 1 && inputs[0].defined() ? elements_of_shape(inputs[0]) : -1;
  if (std::ranges::count(kOfTwo, node.op) == 0 || inputs.size() != 2 || !inputs[0].defined() || !inputs[1].defined())
    return -1;
  if (node.op != "Gather") return broadcast(node.op.c_str(), inputs[0].shape(), inputs[1].shape()).numel();
  int64_t product = 0;
  return __builtin_mul_overflow(inputs[0].numel(), inputs[1].numel(), &product) ? kMostFolded + 1 : product;
}

Tensor tensor_of_value(const Value& value) {
  if (value.tensor.defined() || !value.numbers) return value.tensor;
  return Tensor::from(*value.numbers, value.is_scalar ? Shape() : Shape{std::ssize(*value.numbers)});
}

class Folder {
 public:
  Folder(int64_t opset, const std::string& file) : program_(empty_model(opset), file) {}

  Tensors operator()(const NodeProto& node, const Tensors& inputs) {
    const int64_t most = most_elements(node, inputs);
    if (most < 0 || most > kMostFolded - folded_) return {};
    folded_ += most;
    Values values;
    for (const Tensor& input : inputs)
      values.push_back(input.defined() ? Value::constant_of({.name = "", .value = input}) : Value());
    const autograd::NoGrad no_grad;
    Tensors made;
    for (const Value& value : find_operator(node.op)(Call(program_, node, around_, std::move(values))))
      made.push_back(tensor_of_value(value));
    const bool all = std::ranges::all_of(made, [](const Tensor& tensor) { return tensor.defined(); });
    return all ? made : Tensors();
  }

 private:
  static ModelProto empty_model(int64_t opset) {
    ModelProto model;
    model.opset = opset;
    return model;
  }

  Program program_;
  Environment around_;
  int64_t folded_ = 0;
};

}  // namespace

FoldNode fold_constants(int64_t opset, const std::string& file) {
  return [folder = std::make_shared<Folder>(opset, file)](const NodeProto& node, const Tensors& inputs) {
    return (*folder)(node, inputs);
  };
}

}  // namespace recur::onnx
