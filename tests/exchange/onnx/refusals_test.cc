// What cannot be read or written is refused by name.
#include <gtest/gtest.h>

#include "recur/exchange/onnx/export_onnx.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/exchange/onnx/read_graph.h"
#include "recur/ops/cross_entropy.h"
#include "tests/support/throws.h"
#include "tests/support/traced.h"

namespace recur::onnx {
namespace {

ModelProto one_node(NodeProto node) {
  ModelProto model;
  model.graph.inputs.push_back({.name = "x", .type = ElementType::kFloat, .shape = {{{.axis = "B"}, {.size = 2}}}});
  model.graph.outputs.push_back({.name = "y", .type = ElementType::kFloat});
  model.graph.nodes.push_back(std::move(node));
  return model;
}

Tensors run(NodeProto node) { return ModelFunction(one_node(std::move(node)), "f.onnx")({Tensor::ones({3, 2})}); }

TEST(OnnxRefusals, OperatorsThatAreNotSupported) {
  EXPECT_ERROR(run({.op = "Loop", .inputs = {"x"}, .outputs = {"y"}}),
               "f.onnx: onnx: the operator Loop is not supported");
  EXPECT_ERROR(run({.op = "Sigmoidd", .inputs = {"x"}, .outputs = {"y"}}), "did you mean");
  EXPECT_ERROR(run({.op = "Relu", .inputs = {"x"}, .outputs = {"y"}, .domain = "com.microsoft"}),
               "the operator Relu of the domain 'com.microsoft' is not supported");
}

TEST(OnnxRefusals, NodesThatAreDamaged) {
  EXPECT_ERROR(run({.op = "Relu", .inputs = {"z"}, .outputs = {"y"}}),
               "node Relu reads 'z', which nothing before it gives");
  EXPECT_ERROR(run({.op = "Relu", .inputs = {}, .outputs = {"y"}}), "node Relu: input 0 is missing");
  EXPECT_ERROR(run({.op = "Concat", .inputs = {"x"}, .outputs = {"y"}}), "attribute 'axis' is missing");
  EXPECT_ERROR(run({.op = "Softmax", .inputs = {"x"}, .outputs = {"y"}, .attributes = {{"axis", int64_t{5}}}}),
               "axis 5 of a tensor of 2 axes");
  EXPECT_ERROR(run({.op = "Softmax", .inputs = {"x"}, .outputs = {"y"}, .attributes = {{"axis", 0.5F}}}),
               "attribute 'axis' is of another type than expected");
  EXPECT_ERROR(run({.op = "Relu", .inputs = {"x"}, .outputs = {"z"}}), "nothing gives the output 'y'");
}

TEST(OnnxRefusals, ModelsOfOtherVersionsAndTypes) {
  ModelProto model = one_node({.op = "Relu", .inputs = {"x"}, .outputs = {"y"}});
  model.opset = 3;
  EXPECT_ERROR(ModelFunction(model, "f"), "expected a model of opset 7 to 25, got 3");
  model.opset = 17;
  model.graph.inputs[0].shape.reset();
  EXPECT_ERROR(ModelFunction(model, "f"), "the input 'x' is declared without a shape");
  model.graph.inputs[0].type = static_cast<ElementType>(10);
  EXPECT_ERROR(ModelFunction(model, "f"), "the input 'x' has FLOAT16");
}

TEST(OnnxRefusals, RecurrentNodesBesideWhatRecurHas) {
  ModelProto model;
  model.graph.inputs.push_back(
      {.name = "x", .type = ElementType::kFloat, .shape = {{{.axis = "T"}, {.axis = "B"}, {.size = 2}}}});
  model.graph.outputs.push_back({.name = "y", .type = ElementType::kFloat});
  model.graph.initializers = {{.name = "w", .value = Tensor::ones({1, 12, 2})},
                              {.name = "r", .value = Tensor::ones({1, 12, 3})}};
  NodeProto node{
      .op = "LSTM", .inputs = {"x", "w", "r"}, .outputs = {"y"}, .attributes = {{"hidden_size", int64_t{3}}}};
  const auto run_with = [&](Attribute attribute) {
    ModelProto own = model;
    NodeProto one = node;
    one.attributes.push_back(std::move(attribute));
    own.graph.nodes = {one};
    return ModelFunction(own, "f")({Tensor::ones({2, 1, 2})});
  };
  EXPECT_EQ(run_with({"layout", int64_t{0}})[0].shape(), (Shape{2, 1, 1, 3}));
  EXPECT_ERROR(run_with({"clip", 1.0F}), "node LSTM: the attribute 'clip' is not supported");
  EXPECT_ERROR(run_with({"input_forget", int64_t{1}}), "'input_forget' is not supported");
  EXPECT_ERROR(run_with({"direction", std::string("sideways")}), "got 'sideways'");
  EXPECT_ERROR(run_with({"activations", std::vector<std::string>{"Relu", "Tanh", "Tanh"}}),
               "expected Sigmoid, Tanh, Tanh, others are not supported");
  node.attributes[0].value = int64_t{4};
  EXPECT_ERROR(run_with({"layout", int64_t{0}}), "W: expected [1, 16, 2], got [1, 12, 2]");
}

TEST(OnnxRefusals, OpsWithoutACounterpart) {
  const Tensor logits = Tensor::ones({2, 3}), targets = Tensor::zeros({2}, DType::kI32);
  const Graph graph =
      testing::traced([](const Tensors& in) { return Tensors{cross_entropy(in[0], in[1], {})}; }, {logits, targets});
  EXPECT_ERROR(onnx_model(graph, "g"), "onnx: the op 'cross_entropy' has no counterpart in ONNX that Recur writes");
}

}  // namespace
}  // namespace recur::onnx
