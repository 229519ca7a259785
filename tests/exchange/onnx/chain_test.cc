#include "recur/exchange/onnx/chain.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "recur/exchange/import_model.h"
#include "recur/exchange/onnx/export_onnx.h"
#include "recur/exchange/onnx/fold_constants.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/tasks/network/network_trained.h"
#include "tests/support/op_case.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur::onnx {
namespace {

const std::filesystem::path kNodeTests = "/usr/share/libonnx-testdata/data/node";

TensorProto stored(const std::filesystem::path& path) {
  const std::string bytes = testing::read_bytes(path);
  return read_tensor(std::as_bytes(std::span(bytes)), path.string());
}

class OnnxRecurrentNodes : public ::testing::TestWithParam<const char*> {};

// The nodes of ONNX's own tests, their weights stored in the model as exporters do it.
TEST_P(OnnxRecurrentNodes, ImportedTheyGiveWhatTheyMust) {
  const std::filesystem::path folder = kNodeTests / (std::string("test_") + GetParam());
  ASSERT_TRUE(std::filesystem::exists(folder)) << "libonnx-testdata is not installed: tools/packages.sh build";
  ModelProto model = read_model(folder / "model.onnx");
  const auto data = folder / "test_data_set_0";
  for (size_t k = 1; k < model.graph.inputs.size(); ++k) {
    model.graph.initializers.push_back(stored(data / fmt::format("input_{}.pb", k)));
    model.graph.initializers.back().name = model.graph.inputs[k].name;
  }
  model.graph.inputs.resize(1);
  const bool batch_first = model.graph.nodes[0].find("layout") != nullptr;
  const testing::Scratch scratch;
  const auto imported = import_model(scratch.put("node.onnx", write_model(model)));
  Tensor x = stored(data / "input_0.pb").value;
  if (batch_first) {  // of one step
    ASSERT_EQ(x.size(1), 1);
    x = x.alias(0, {1, x.size(0), x.size(2)});
  }
  const Tensor y = dynamic_cast<const NetworkTrained&>(*imported.trained).network()(x);
  const Tensor expected = stored(data / "output_0.pb").value;
  ASSERT_EQ(y.numel(), expected.numel());
  EXPECT_LT(testing::relative_error(y.clone(DType::kF64), expected.clone(DType::kF64).alias(0, y.shape())), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(All, OnnxRecurrentNodes,
                         ::testing::Values("gru_batchwise", "gru_defaults", "gru_seq_length", "gru_with_initial_bias",
                                           "lstm_batchwise", "lstm_defaults", "lstm_with_initial_bias",
                                           "lstm_with_peepholes", "simple_rnn_batchwise", "simple_rnn_defaults",
                                           "simple_rnn_with_initial_bias", "rnn_seq_length"),
                         [](const auto& info) { return std::string(info.param); });

// With parameters drawn at random, by a seed.
NetworkTrained drawn_network(int64_t input, const std::vector<std::string>& stack) {
  NetworkOptions options;
  options.model.input = input;
  options.model.stack = stack;
  NetworkTrained trained(options);
  Random random(5);
  for (NamedTensor each : trained.network().state())
    for (int64_t i = 0; i < each.value.numel(); ++i) each.value.data<float>()[i] = 0.5F * float(random.normal());
  return trained;
}

double export_difference(const NetworkTrained& trained, const std::filesystem::path& out) {
  return *export_onnx(trained, {.checks = 2}, out).difference;
}

// Written as ONNX and imported again, a network gives the same.
void expect_to_return(int64_t input, const std::vector<std::string>& stack) {
  SCOPED_TRACE(fmt::format("{}", fmt::join(stack, ", ")));
  const NetworkTrained trained = drawn_network(input, stack);
  const testing::Scratch scratch;
  EXPECT_LT(export_difference(trained, scratch / "m.onnx"), 1e-5);
  const auto imported = import_model(scratch / "m.onnx");
  Random random(7);
  Tensor x = Tensor::empty({6, 2, input});
  for (int64_t i = 0; i < x.numel(); ++i)
    x.data<float>()[i] = trained.network().vocabulary() > 0 ? float(i % 5) : float(random.normal());
  const Tensor want = trained.network()(x), y = dynamic_cast<const NetworkTrained&>(*imported.trained).network()(x);
  ASSERT_EQ(y.shape(), want.shape());
  EXPECT_LT(testing::relative_error(y.clone(DType::kF64), want.clone(DType::kF64)), 1e-5);
}

TEST(OnnxChain, NetworksThatAreExportedComeBack) {
  expect_to_return(3, {"lstm 5 layers=2", "gru 4", "gru_reset_before 3", "rnn 4", "rnn_relu 3", "dense 2"});
  expect_to_return(3, {"lstm 4 bidirectional layers=2", "gru 3 bidirectional no_bias", "dense 2", "softmax"});
  expect_to_return(1, {"embedding 3 vocabulary=5", "lstm_peephole 4", "dense 2 no_bias", "log_softmax"});
  expect_to_return(2, {"reverse", "gru 3", "reverse", "dense 2"});
  expect_to_return(2, {"scale", "tanh", "layer_norm epsilon=0.001", "dense 3", "sigmoid", "conv 4", "relu"});
}

TEST(OnnxChain, NetworksOfAllKindsOfLayersAreExported) {
  const testing::Scratch scratch;
  EXPECT_LT(export_difference(drawn_network(2, {"gru 3 bidirectional", "last", "dense 2"}), scratch / "a.onnx"), 1e-5);
  EXPECT_LT(export_difference(drawn_network(2, {"conv 3 kernel=2 before=1 dilation=2 after=1", "elu slope=0.5"}),
                              scratch / "b.onnx"),
            1e-5);
}

// A GRU of x [T, B, 2] with 3 units, and nodes behind it.
class AfterGru {
 public:
  explicit AfterGru(std::vector<NodeProto> nodes, Shape w = {1, 9, 2}) {
    model_.graph.inputs.push_back(
        {.name = "x", .type = ElementType::kFloat, .shape = {{{.axis = "T"}, {.axis = "B"}, {.size = 2}}}});
    model_.graph.inputs.push_back({.name = "lengths", .type = ElementType::kInt32, .shape = {{{.axis = "B"}}}});
    model_.graph.initializers = {{.name = "w", .value = Tensor::ones(w)},
                                 {.name = "r", .value = Tensor::ones({1, 9, 3})}};
    constant("v", Tensor::ones({3}));
    constant("last", Tensor::from(std::vector<int64_t>{-1}, {}));
    constant("one", Tensor::from(std::vector<int64_t>{1}, {1}));
    model_.graph.nodes = {{.op = "GRU",
                           .inputs = {"x", "w", "r", "", "lengths"},
                           .outputs = {"Y", "Y_h"},
                           .attributes = {{"hidden_size", int64_t{3}}},
                           .name = "gru"},
                          {.op = "Squeeze", .inputs = {"Y", "one"}, .outputs = {"y"}}};
    for (NodeProto& node : nodes) model_.graph.nodes.push_back(std::move(node));
    model_.graph.outputs.push_back({.name = "z", .type = ElementType::kFloat});
  }
  AfterGru& constant(const std::string& name, Tensor value) {
    model_.graph.initializers.push_back({.name = name, .value = std::move(value)});
    return *this;
  }
  AfterGru& output(const std::string& name) {
    model_.graph.outputs.push_back({.name = name, .type = ElementType::kFloat});
    return *this;
  }

  std::string operator()() const {
    std::string words;
    for (const FoundLayer& each : layers_in_a_row(model_, "f", fold_constants(model_.opset, "f")).stack)
      words += (words.empty() ? "" : ", ") + text_of(each.layer);
    return words;
  }

 private:
  ModelProto model_;
};

NodeProto node(std::string op, std::vector<std::string> inputs, std::string output = "z",
               std::vector<Attribute> attributes = {}) {
  return {.op = std::move(op),
          .inputs = std::move(inputs),
          .outputs = {std::move(output)},
          .attributes = std::move(attributes),
          .name = "n"};
}
Attribute axis(int64_t at) { return {"axis", at}; }

TEST(OnnxChain, IsFoundBehindWhatOnlyArranges) {
  EXPECT_EQ(AfterGru({node("Tanh", {"y"})})(), "gru_reset_before 3 no_bias, tanh");
  EXPECT_EQ(AfterGru({node("Gather", {"y", "last"}, "z", {axis(0)})})(), "gru_reset_before 3 no_bias, last");
  EXPECT_EQ(AfterGru({node("Relu", {"Y_h"})})(), "gru_reset_before 3 no_bias, last, relu");
  EXPECT_EQ(AfterGru({node("Sigmoid", {"y"}, "s"), node("Mul", {"s", "y"})})(), "gru_reset_before 3 no_bias, silu");
  EXPECT_EQ(AfterGru({node("Add", {"v", "y"})})(), "gru_reset_before 3 no_bias, scale");
}

// What no output needs is passed over, and of a layer and an activation behind it the latter is the output.
TEST(OnnxChain, OutputsOfStatesAndOfEarlierLayersAreLeftOut) {
  EXPECT_EQ(AfterGru({node("Tanh", {"y"}), node("Loop", {"last"}, "never")}).output("Y_h").output("y")(),
            "gru_reset_before 3 no_bias, tanh");
}

TEST(OnnxChain, AnAxisThatIsReadAsAnotherIsRefused) {
  EXPECT_ERROR(
      AfterGru({node("Gather", {"y", "last"}, "z", {axis(1)})})(),
      "f: onnx: node Gather 'n': only the last step, or a direction, is read, got -1 of axis 1 of [time, batch, "
      "features]");
  EXPECT_ERROR(AfterGru({node("Softmax", {"y"}, "z", {axis(0)})})(), "expected features as axis 0");
  EXPECT_ERROR(
      AfterGru({node("Transpose", {"y"}, "t", {{"perm", std::vector<int64_t>{0, 2, 1}}}), node("MatMul", {"t", "m"})})
          .constant("m", Tensor::ones({3, 3}))(),
      "expected features as axis 2 of the tensor, got [time, features, batch]");
  EXPECT_ERROR(AfterGru({node("Transpose", {"y"}, "t", {{"perm", std::vector<int64_t>{1, 0, 2}}}),
                         {.op = "GRU",
                          .inputs = {"t", "w", "r"},
                          .outputs = {"z"},
                          .attributes = {{"hidden_size", int64_t{3}}},
                          .name = "second"}})(),
               "node GRU 'second': expected time as axis 0 of the tensor, got [batch, time, features]");
}

TEST(OnnxChain, WhatIsNoChainIsRefusedByNodeAndOperator) {
  EXPECT_ERROR(AfterGru({node("Tanh", {"y"}, "t"), node("Add", {"t", "y"})})(), "node Add 'n': it joins two branches");
  EXPECT_ERROR(AfterGru({node("Concat", {"y", "y"}, "z", {axis(2)})})(), "node Concat 'n': it joins branches");
  EXPECT_ERROR(AfterGru({node("ReduceMean", {"y"}, "m"), node("Tanh", {"m"})})(),
               "node ReduceMean 'n': this operator is not read; these are: Add");
  EXPECT_ERROR(AfterGru({node("Tanhh", {"y"})})(), "did you mean 'Tanh'");
  EXPECT_ERROR(AfterGru({node("Tanh", {"y"}), node("Relu", {"y"}, "other")}).output("other")(), "several branches");
  EXPECT_ERROR(AfterGru({node("Identity", {"x"})})(), "expected what a layer computes");
  EXPECT_ERROR(AfterGru({node("Identity", {"w"})})(), "no output is computed by layers");
  EXPECT_ERROR(AfterGru({node("Tanh", {"lengths"})})(), "read both as a sequence and as a state or lengths");
  EXPECT_ERROR(AfterGru({node("Tanh", {"nowhere"})})(), "reads 'nowhere', which nothing before it gives");
}

TEST(OnnxChain, WeightsThatDoNotFitAreRefused) {
  EXPECT_ERROR(AfterGru({node("Tanh", {"y"})}, {1, 9, 4})(), "node GRU 'gru': W is for 4 features, X has 2");
  EXPECT_ERROR(AfterGru({node("Tanh", {"y"})}, {1, 8, 2})(), "W: expected [1, 9, 2], got [1, 8, 2]");
  EXPECT_ERROR(AfterGru({node("MatMul", {"y", "m"})}).constant("m", Tensor::ones({4, 2}))(),
               "a matrix for 4 features, and 3 are there");
  EXPECT_ERROR(AfterGru({node("Add", {"y", "m"})}).constant("m", Tensor::ones({2}))(),
               "constants [2] beside 3 features");
}

}  // namespace
}  // namespace recur::onnx
