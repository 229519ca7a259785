#include "recur/exchange/onnx/chain.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "recur/exchange/import_model.h"
#include "recur/exchange/onnx/export_onnx.h"
#include "recur/exchange/onnx/fold_constants.h"
#include "recur/exchange/onnx/fuse_nodes.h"
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
  expect_to_return(3, {"gru 3", "add back=1", "dense 3 no_bias", "sigmoid", "multiply back=3", "gelu", "dense 2"});
}

TEST(OnnxChain, NetworksOfAllKindsOfLayersAreExported) {
  const testing::Scratch scratch;
  EXPECT_LT(export_difference(drawn_network(2, {"gru 3 bidirectional", "last", "dense 2"}), scratch / "a.onnx"), 1e-5);
  EXPECT_LT(export_difference(drawn_network(2, {"conv 3 kernel=2 before=1 dilation=2 after=1", "elu slope=0.5"}),
                              scratch / "b.onnx"),
            1e-5);
  EXPECT_LT(export_difference(drawn_network(4, {"dense 8", "magnitude", "add back=2", "dense 2"}), scratch / "c.onnx"),
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

  AfterGru& input(ValueInfo info) {
    model_.graph.inputs.push_back(std::move(info));
    return *this;
  }

  std::string operator()(const std::vector<std::string>& inputs = {}) const {
    std::string words;
    for (const FoundLayer& each : layers_in_a_row(model_, "f", fold_constants(model_.opset, "f"), inputs).stack)
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
  EXPECT_ERROR(AfterGru({node("Tanh", {"y"}, "t"), node("Relu", {"y"}, "u"), node("Add", {"t", "u"})})(),
               "node Add 'n': it joins two branches, of which none leads to the other");
  EXPECT_ERROR(AfterGru({node("Tanh", {"y"}, "t"), node("Sub", {"t", "y"})})(), "only sums and products");
  EXPECT_ERROR(AfterGru({node("Add", {"y", "y"})})(), "it joins a layer with itself");
  EXPECT_ERROR(AfterGru({node("Add", {"y", "x"})})(), "it joins [open, open, open of 2] and [time, batch, features]");
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

Attribute branch(const char* name, NodeProto only) {
  auto graph = std::make_shared<GraphProto>();
  graph->outputs.push_back({.name = only.outputs[0], .type = ElementType::kFloat});
  graph->nodes.push_back(std::move(only));
  return {name, std::shared_ptr<const GraphProto>(std::move(graph))};
}

// x's own first axis as it is, or the rate, decides.
TEST(OnnxChain, ABranchIsTakenWhereConstantsDecide) {
  const auto rate = [](std::vector<NodeProto> more) {
    std::vector<NodeProto> nodes{
        node("Equal", {"rate", "one"}, "is_one"),
        node("If", {"is_one"}, "z",
             {branch("then_branch", node("Tanh", {"y"}, "then")), branch("else_branch", node("Relu", {"y"}, "else"))})};
    nodes.insert(nodes.begin(), more.begin(), more.end());
    AfterGru model(std::move(nodes));
    model.input({.name = "rate", .type = ElementType::kInt64, .shape = {{{.size = 1}}}});
    return model;
  };
  EXPECT_EQ(rate({})({"rate=1"}), "gru_reset_before 3 no_bias, tanh");
  EXPECT_EQ(rate({})({"rate=2"}), "gru_reset_before 3 no_bias, relu");
  EXPECT_ERROR(rate({})(), "node If 'n': its condition is no constant; --input NAME=VALUE makes an input one");
  EXPECT_EQ(AfterGru({node("Shape", {"y"}, "sizes"), node("Gather", {"sizes", "last"}, "size"),
                      node("Equal", {"size", "one"}, "is_one"),
                      node("If", {"is_one"}, "z",
                           {branch("then_branch", node("Tanh", {"y"}, "then")),
                            branch("else_branch", node("Relu", {"y"}, "else"))})})(),
            "gru_reset_before 3 no_bias, relu");
}

TEST(OnnxChain, AValueIsGivenByOneNode) {
  EXPECT_ERROR(AfterGru({node("Tanh", {"y"}, "t"), node("Relu", {"y"}, "t"), node("Tanh", {"t"})})(),
               "node Relu gives 't', which another gives as well");
}

TEST(OnnxChain, WhatIsSaidOfInputsMustFit) {
  const auto error = [](const std::string& text) {
    return testing::message_of<UsageError>([&] { AfterGru({node("Tanh", {"y"})})({text}); });
  };
  EXPECT_EQ(error("rate"), "f: --input rate: expected NAME=NUMBER, or NAME=1x576 for a shape");
  EXPECT_EQ(error("length=1"),
            "f: --input length=1: the graph has no input 'length'; did you mean 'lengths'?; these are: x, lengths");
  EXPECT_EQ(error("x=1x2"), "f: --input x=1x2: the input has 3 axes, the shape 2");
  EXPECT_EQ(error("x=1x1x3"), "f: --input x=1x1x3: axis 2 of the input is of size 2");
  EXPECT_EQ(error("x=1x0x2"), "f: --input x=1x0x2: '1x0x2' is no shape such as 1x576, of sizes from 1 on");
  EXPECT_EQ(testing::message_of<UsageError>([&] {
              AfterGru({node("Tanh", {"y"})})({"x=1x1x2", "x=1x2x2"});
            }),
            "f: --input x=1x2x2: the input is given twice");
  EXPECT_EQ(error("lengths=1.5"), "f: --input lengths=1.5: expected an integer of at most 9 digits, got '1.5'");
}

// One call one step: x [1, 1, 4] as [1, 2, 2], and nodes that read it.
class OneStep {
 public:
  explicit OneStep(std::vector<NodeProto> nodes) {
    model_.graph.inputs.push_back(
        {.name = "x", .type = ElementType::kFloat, .shape = {{{.axis = "B"}, {.axis = "C"}, {.axis = "T"}}}});
    model_.graph.nodes = std::move(nodes);
    model_.graph.outputs.push_back({.name = "z", .type = ElementType::kFloat});
    constant("pair", Tensor::ones({2, 2}));
    constant("kernel", Tensor::ones({3, 2, 2}));
  }
  OneStep& constant(const std::string& name, Tensor value) {
    model_.graph.initializers.push_back({.name = name, .value = std::move(value)});
    return *this;
  }
  FoundStack stack(const std::string& shape = "x=1x2x2") const {
    return layers_in_a_row(model_, "f", fold_constants(model_.opset, "f"), {shape}).stack;
  }

 private:
  ModelProto model_;
};

TEST(OnnxChain, LinearOperatorsWithinAStepAreDense) {
  const FoundStack conv = OneStep({node("Conv", {"x", "kernel"}, "z", {{"pads", std::vector<int64_t>{1, 0}}})}).stack();
  ASSERT_EQ(conv.size(), 1U);
  EXPECT_EQ(text_of(conv[0].layer), "dense 6 no_bias");
  // Of each channel, before the first step only the second tap reads.
  const std::vector<float> want{1, 0, 1, 0, 1, 1, 1, 1};
  for (size_t k = 0; k < want.size(); ++k) EXPECT_EQ(conv[0].tensors[0].value.data<float>()[k], want[k]) << k;
  const FoundStack turned =
      OneStep({node("Transpose", {"x"}, "t", {{"perm", std::vector<int64_t>{0, 2, 1}}}), node("Tanh", {"t"})}).stack();
  ASSERT_EQ(turned.size(), 2U);  // another order of features, then each by itself
  EXPECT_EQ(text_of(turned[0].layer), "dense 4 no_bias");
  EXPECT_EQ(turned[0].tensors[0].value.data<float>()[4 + 2], 1);
  EXPECT_EQ(OneStep({
                        node("MatMul", {"x", "pair"}),
                    })
                .stack()[0]
                .layer.size,
            4);
}

TEST(OnnxChain, WhatIsNoStepIsRefused) {
  EXPECT_ERROR(OneStep({node("Conv", {"x", "kernel"})}).stack("x=1x3x2"), "X: expected [1, 2, steps], got [1, 3, 2]");
  EXPECT_ERROR(OneStep({node("Conv", {"x", "kernel"}, "z", {{"pads", std::vector<int64_t>{1 << 23, 0}}})}).stack(),
               "node Conv 'n':");
  EXPECT_ERROR(OneStep({node("MatMul", {"x", "pair"})}).stack("x=4096x1024x2"), "is not read");
  EXPECT_ERROR(OneStep({node("Tanh", {"x"})}).stack("x=16777216x16777216x16777216"), "elements in all");
  EXPECT_ERROR(OneStep({node("Pad", {"x", "pads"}, "p", {{"mode", std::string("reflect")}}), node("Tanh", {"p"})})
                   .constant("pads", Tensor::from(std::vector<int64_t>{0, 0, 2, 0, 0, 0}, {6}))
                   .stack(),
               "pads: 2 and 0 of 2 elements are not read");
  EXPECT_ERROR(
      OneStep({node("ReduceMean", {"x"}, "m", {{"axes", std::vector<int64_t>{1}}}), node("Tanh", {"m"})}).stack(),
      "only axes of size 1 are read");
  EXPECT_ERROR(OneStep({node("Softmax", {"x"})}).stack(), "only one row of features is read");
  EXPECT_ERROR(OneStep({node("Add", {"x", "z"})}).stack(), "reads 'z', which nothing before it gives");
  EXPECT_ERROR(OneStep({node("Erf", {"x"})}).stack(), "not read of the elements of a step");
}

// What looks like a part of an LSTM is none where its gates are of two sums.
TEST(OnnxChain, OnlyWholeCellsArePutTogether) {
  GraphProto graph;
  graph.inputs = {{.name = "x"}, {.name = "h"}, {.name = "c"}};
  graph.outputs = {{.name = "h_after"}, {.name = "c_after"}};
  graph.initializers = {{.name = "w", .value = Tensor::ones({2, 12})}, {.name = "r", .value = Tensor::ones({3, 12})}};
  NodeProto split = node("Split", {"sum"}, "i", {axis(1)});
  split.outputs = {"i", "f", "g", "o"};
  graph.nodes = {node("MatMul", {"x", "w"}, "xw"),
                 node("MatMul", {"h", "r"}, "hr"),
                 node("Add", {"xw", "hr"}, "sum"),
                 split,
                 node("Sigmoid", {"i"}, "si"),
                 node("Sigmoid", {"f"}, "sf"),
                 node("Sigmoid", {"o"}, "so"),
                 node("Tanh", {"g"}, "tg"),
                 node("Mul", {"sf", "c"}, "kept"),
                 node("Mul", {"si", "tg"}, "new"),
                 node("Add", {"kept", "new"}, "c_after"),
                 node("Tanh", {"c_after"}, "tc"),
                 node("Mul", {"tc", "so"}, "h_after")};
  const auto lstms = [](const GraphProto& whole) {
    return std::ranges::count(fused(whole).nodes, "LSTM", &NodeProto::op);
  };
  EXPECT_EQ(lstms(graph), 1);
  GraphProto other = graph;
  other.nodes[7].inputs = {"xw"};  // the candidate is of another sum
  EXPECT_EQ(lstms(other), 0);
  other = graph;
  other.initializers[1].value = Tensor::ones({4, 12});  // of other sizes
  EXPECT_EQ(lstms(other), 0);
  other = graph;
  other.nodes[2].inputs = {"xw", "sum"};  // a cycle
  EXPECT_EQ(lstms(other), 0);
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
