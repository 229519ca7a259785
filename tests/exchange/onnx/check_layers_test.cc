#include "recur/exchange/onnx/check_layers.h"

#include <gtest/gtest.h>

#include "recur/base/log.h"
#include "recur/exchange/import_model.h"
#include "recur/exchange/onnx/model_file.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur::onnx {
namespace {

TensorProto constant(const std::string& name, Tensor value) { return {.name = name, .value = std::move(value)}; }

TensorProto integers(const std::string& name, const std::vector<int64_t>& values) {
  return constant(name, Tensor::from(values, {std::ssize(values)}));
}

// 0.1, -0.2, 0.3, ...
Tensor counted(const Shape& shape) {
  Tensor x = Tensor::empty(shape);
  for (int64_t i = 0; i < x.numel(); ++i)
    x.data<float>()[i] = (i % 2 == 0 ? 0.1F : -0.1F) * static_cast<float>(i % 7 + 1);
  return x;
}

// An LSTM of 3 units, called step by step, whose h and c are one state [2, 1, 3].
class StepOfLstm {
 public:
  explicit StepOfLstm(int64_t place_of_c = 1, const std::vector<std::string>& joined = {"h", "c"}) {
    GraphProto& graph = model_.graph;
    graph.inputs = {{.name = "x", .type = ElementType::kFloat, .shape = {{{.size = 1}, {.size = 1}, {.size = 2}}}},
                    {.name = "state", .type = ElementType::kFloat, .shape = {{{.size = 2}, {.size = 1}, {.size = 3}}}}};
    graph.initializers = {constant("w", counted({1, 12, 2})), constant("r", counted({1, 12, 3})),
                          integers("first", {0}), integers("of_c", {place_of_c})};
    graph.nodes = {{.op = "Gather", .inputs = {"state", "first"}, .outputs = {"h0"}},
                   {.op = "Gather", .inputs = {"state", "of_c"}, .outputs = {"c0"}},
                   {.op = "LSTM",
                    .inputs = {"x", "w", "r", "", "", "h0", "c0"},
                    .outputs = {"y", "h", "c"},
                    .attributes = {{"hidden_size", int64_t{3}}}},
                   {.op = "Concat", .inputs = joined, .outputs = {"after"}, .attributes = {{"axis", int64_t{0}}}}};
    graph.outputs = {{.name = "y", .type = ElementType::kFloat}, {.name = "after", .type = ElementType::kFloat}};
  }

  GraphProto& graph() { return model_.graph; }
  ImportedModel imported(const std::vector<std::string>& inputs = {"x=1x1x2"}) const {
    const testing::Scratch scratch;
    return import_model(scratch.put("m.onnx", write_model(model_)), {.inputs = inputs});
  }

 private:
  ModelProto model_;
};

TEST(CheckedLayers, StatesGoFromCallToCall) {
  const auto difference = StepOfLstm().imported().difference;
  ASSERT_TRUE(difference.has_value());
  EXPECT_LT(*difference, 1e-6);
}

TEST(CheckedLayers, StatesThatChangePlacesOrAreReadInPartAreRefused) {
  const char* const message = "states do not come back in their places";
  EXPECT_ERROR(StepOfLstm(1, {"c", "h"}).imported(), message);
  EXPECT_ERROR(StepOfLstm(0).imported(), message);
}

// Two outputs of one shape are matched as they fit, since their order says nothing.
TEST(CheckedLayers, OutputsMayNameStatesInAnyOrder) {
  StepOfLstm lstm;
  GraphProto& graph = lstm.graph();
  graph.inputs.pop_back();
  for (const char* name : {"h0", "c0"})
    graph.inputs.push_back(
        {.name = name, .type = ElementType::kFloat, .shape = {{{.size = 1}, {.axis = "B"}, {.size = 3}}}});
  std::erase_if(graph.nodes, [](const NodeProto& node) { return node.op != "LSTM"; });
  graph.outputs = {
      graph.outputs[0], {.name = "c", .type = ElementType::kFloat}, {.name = "h", .type = ElementType::kFloat}};
  const auto difference = lstm.imported({}).difference;
  ASSERT_TRUE(difference.has_value());
  EXPECT_LT(*difference, 1e-6);
}

// Padding of all kinds before a convolution within a step.
TEST(CheckedLayers, PaddingWithinAStepIsThatOfTheGraph) {
  for (const char* mode : {"constant", "edge", "reflect"}) {
    SCOPED_TRACE(mode);
    ModelProto model;
    model.graph.inputs = {
        {.name = "x", .type = ElementType::kFloat, .shape = {{{.axis = "B"}, {.size = 1}, {.axis = "N"}}}}};
    model.graph.initializers = {integers("pads", {0, 0, 2, 0, 0, 3}), constant("w", counted({2, 1, 3}))};
    model.graph.nodes = {
        {.op = "Pad", .inputs = {"x", "pads"}, .outputs = {"p"}, .attributes = {{"mode", std::string(mode)}}},
        {.op = "Conv", .inputs = {"p", "w"}, .outputs = {"y"}}};
    model.graph.outputs = {{.name = "y", .type = ElementType::kFloat}};
    const testing::Scratch scratch;
    const auto path = scratch.put("m.onnx", write_model(model));
    const auto difference = import_model(path, {.inputs = {"x=1x1x6"}}).difference;
    ASSERT_TRUE(difference.has_value());
    EXPECT_LT(*difference, 1e-6);
  }
}

// What the output does not need is not run.
TEST(CheckedLayers, OnlyWhatTheLayersNeedIsRun) {
  ModelProto model;
  model.graph.inputs = {{.name = "x", .type = ElementType::kFloat, .shape = {{{.axis = "T"}, {.size = 2}}}}};
  model.graph.initializers = {constant("w", counted({2, 3}))};
  model.graph.nodes = {{.op = "MatMul", .inputs = {"x", "w"}, .outputs = {"y"}},
                       {.op = "Unknown", .inputs = {"x"}, .outputs = {"z"}}};
  model.graph.outputs = {{.name = "y", .type = ElementType::kFloat}};
  const testing::Scratch scratch;
  EXPECT_TRUE(import_model(scratch.put("m.onnx", write_model(model))).difference.has_value());
}

// As exporters write it that have seen one example: the batch is open, and its first states are not.
TEST(CheckedLayers, ABatchMayBeOfOneSequenceAlone) {
  StepOfLstm lstm;
  GraphProto& graph = lstm.graph();
  graph.inputs = {{.name = "x", .type = ElementType::kFloat, .shape = {{{.axis = "T"}, {.axis = "B"}, {.size = 2}}}}};
  for (const char* name : {"h0", "c0"}) graph.initializers.push_back(constant(name, Tensor::zeros({1, 1, 3})));
  std::erase_if(graph.nodes, [](const NodeProto& node) { return node.op != "LSTM"; });
  graph.outputs.resize(1);
  EXPECT_TRUE(lstm.imported({}).difference.has_value());
}

}  // namespace
}  // namespace recur::onnx
