// Recurrent networks as ONNX and back: cell, direction, layers, lengths, states.
#include <gtest/gtest.h>

#include "recur/exchange/onnx/export_onnx.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/exchange/onnx/read_graph.h"
#include "recur/nn/cells/cell.h"
#include "recur/nn/layer_ops.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/run_graph.h"
#include "recur/tasks/trained_graph.h"

namespace recur::onnx {
namespace {

constexpr int64_t F = 3;

struct Call {
  bool lengths = false, states = false;
};

Graph graph_of(const Recurrent& rnn, Call call, const Size& steps = "T") {
  GraphOutline outline(rnn);
  outline.numbers("x", {steps, "B", F}, "");
  if (call.lengths) outline.lengths("lengths", "B", "T", "");
  if (call.states) outline.states(rnn);
  outline.output("y", "");
  outline.output_states(rnn);
  return std::move(outline)
      .trace([&](const Tensors& in) {
        RunOptions run{.mode = Mode::evaluation()};
        if (call.lengths) run.lengths = to_lengths(in[1]);
        if (call.states) run.state = states_of(in, call.lengths ? 2 : 1, rnn);
        const RecurrentOutput out = rnn(in[0], run);
        Tensors all{out.y};
        for (const Tensors& layer : out.state.layers) all.insert(all.end(), layer.begin(), layer.end());
        return all;
      })
      .graph;
}

std::vector<std::string> operators_of(const std::string& bytes) {
  std::vector<std::string> ops;
  for (const NodeProto& node : read_model(std::as_bytes(std::span(bytes)), "f").graph.nodes) ops.push_back(node.op);
  return ops;
}

std::string exported(const RecurrentOptions& options, Call call, double* difference) {
  Random random(3);
  const Recurrent rnn(options, random);
  const Graph graph = graph_of(rnn, call);
  std::string bytes = write_model(onnx_model(graph, "rnn"));
  *difference = largest_difference(bytes, random_samples(graph, 2));
  return bytes;
}

bool has_operator(const std::string& cell) { return cell != "lstm_coupled"; }

TEST(OnnxRecurrentLayers, EveryCellInBothDirectionsWithLengthsAndStates) {
  for (const Cell* cell : cells()) {
    for (const bool bidirectional : {false, true}) {
      for (const Call call : {Call{}, Call{true, false}, Call{false, true}, Call{true, true}}) {
        SCOPED_TRACE(fmt::format("{} {} {} {}", cell->name, bidirectional, call.lengths, call.states));
        double difference = 1;
        const std::string bytes =
            exported({.cell = cell->name, .input = F, .hidden = 5, .layers = 2, .bidirectional = bidirectional}, call,
                     &difference);
        EXPECT_LT(difference, 2e-6);
        const std::vector<std::string> ops = operators_of(bytes);
        EXPECT_EQ(std::ranges::count(ops, "Scan") == 0, has_operator(cell->name));
      }
    }
  }
}

TEST(OnnxRecurrentLayers, WhatOnnxHasNoOperatorForIsAScan) {
  for (const RecurrentOptions& options :
       {RecurrentOptions{.cell = "lstm", .input = F, .hidden = 6, .projection = 4},
        RecurrentOptions{.cell = "gru", .input = F, .hidden = 5, .bidirectional = true, .layer_norm = true},
        RecurrentOptions{.cell = "lstm", .input = F, .hidden = 5, .zoneout = 0.1F, .zoneout_inner = 0.2F},
        RecurrentOptions{.input = F, .hidden = 5, .layers = 2, .cells = {"lstm", "lstm_coupled"}}}) {
    double difference = 1;
    const std::string bytes = exported(options, {true, true}, &difference);
    EXPECT_LT(difference, 2e-6);
    EXPECT_GT(std::ranges::count(operators_of(bytes), "Scan"), 0);
  }
}

constexpr const char* kRecurrences[] = {"mingru", "minlstm",        "qrnn",     "indrnn", "sru",
                                        "lru",    "rg_lru",         "griffin",  "slstm",  "mlstm",
                                        "delta",  "delta_negative", "attention"};

TEST(OnnxRecurrentLayers, EveryRecurrenceInBothDirectionsWithLengthsAndStates) {
  for (const char* kind : kRecurrences) {
    for (const bool bidirectional : {false, true}) {
      for (const Call call : {Call{}, Call{true, true}}) {
        SCOPED_TRACE(fmt::format("{} {} {} {}", kind, bidirectional, call.lengths, call.states));
        double difference = 1;
        const std::string bytes = exported(
            {.cell = kind, .input = F, .hidden = 6, .layers = 2, .bidirectional = bidirectional, .memory_heads = 2},
            call, &difference);
        EXPECT_LT(difference, 5e-6);
        EXPECT_GT(std::ranges::count(operators_of(bytes), "Scan"), 0);
      }
    }
  }
}

TEST(OnnxRecurrentLayers, BlocksThatReadByAConvolution) {
  for (const std::string kind : {"mingru", "mlstm", "gru"}) {
    SCOPED_TRACE(kind);
    double difference = 1;
    exported({.cell = kind,
              .input = F,
              .hidden = 6,
              .layers = 2,
              .bidirectional = true,
              .block = "residual",
              .block_conv = 4},
             {true, true}, &difference);
    EXPECT_LT(difference, 5e-6);
  }
}

TEST(OnnxRecurrentLayers, BlocksAndStacksWithCells) {
  for (const char* block : {"residual", "feed_forward", "xlstm", "xlstm_up"}) {
    for (const std::string kind : kRecurrences) {
      SCOPED_TRACE(fmt::format("{} {}", block, kind));
      double difference = 1;
      exported({.input = F,
                .hidden = 6,
                .layers = 2,
                .cells = {kind, "gru"},
                .bidirectional = true,
                .block = block,
                .memory_heads = 2},
               {true, true}, &difference);
      EXPECT_LT(difference, 5e-6);
    }
  }
}

std::vector<std::string> operators_in(const GraphProto& graph) {
  std::vector<std::string> ops;
  for (const NodeProto& node : graph.nodes) {
    ops.push_back(node.op);
    for (const Attribute& attribute : node.attributes)
      if (const auto* body = std::get_if<std::shared_ptr<const GraphProto>>(&attribute.value))
        for (const std::string& op : operators_in(**body)) ops.push_back("step: " + op);
  }
  return ops;
}

// Only sLSTM, memories and attention have a product in their steps: that with the state.
TEST(OnnxRecurrentLayers, WeightsMultiplyTheInputsOfAllStepsAtOnce) {
  for (const std::string kind : kRecurrences) {
    SCOPED_TRACE(kind);
    double difference = 1;
    const std::string bytes = exported({.cell = kind, .input = F, .hidden = 6}, {true, true}, &difference);
    const std::vector<std::string> ops = operators_in(read_model(std::as_bytes(std::span(bytes)), "f").graph);
    const bool multiplies_state =
        kind == "slstm" || kind == "mlstm" || kind == "attention" || kind.starts_with("delta");
    EXPECT_EQ(std::ranges::count(ops, "step: MatMul") > 0, multiplies_state);
    EXPECT_GT(std::ranges::count(ops, "MatMul"), 0);
  }
}

TEST(OnnxRecurrentLayers, AGraphOfOneStepHasNoLoop) {
  for (const char* kind : kRecurrences) {
    SCOPED_TRACE(kind);
    Random random(3);
    const Recurrent rnn({.cell = kind, .input = F, .hidden = 6, .layers = 2, .memory_heads = 2}, random);
    const Graph graph = graph_of(rnn, {.states = true}, 1);
    const std::string bytes = write_model(onnx_model(graph, "rnn"));
    EXPECT_LT(largest_difference(bytes, random_samples(graph, 2)), 2e-6);
    EXPECT_EQ(std::ranges::count(operators_of(bytes), "Scan"), 0);
  }
}

TEST(OnnxRecurrentLayers, WithoutBiasesAndOfOneStep) {
  double difference = 1;
  exported({.cell = "lstm", .input = F, .hidden = 5, .bias = false}, {true, true}, &difference);
  EXPECT_LT(difference, 2e-6);
  Random random(3);
  const Recurrent rnn({.cell = "gru", .input = F, .hidden = 5}, random);
  const Graph graph = graph_of(rnn, {true, true});
  const std::string bytes = write_model(onnx_model(graph, "rnn"));
  const ModelFunction read(read_model(std::as_bytes(std::span(bytes)), "f"), "f");
  for (const int64_t length : {0, 1}) {
    const Tensor x = Tensor::ones({1, 1, F}), lengths = Tensor::from(std::vector<int64_t>{length}, {1});
    const Tensor h = Tensor::full({1, 5}, 0.5);
    const Tensors ours = read({x, lengths, h}), theirs = run_graph(graph, {x, lengths, h}, all_ops());
    for (size_t k = 0; k < ours.size(); ++k)
      for (int64_t i = 0; i < ours[k].numel(); ++i)
        EXPECT_NEAR(ours[k].values<float>()[static_cast<size_t>(i)], theirs[k].values<float>()[static_cast<size_t>(i)],
                    1e-6);
    if (length == 0) {
      EXPECT_EQ(ours[1].values<float>()[0], 0.5F);
    }
  }
}

TEST(OnnxRecurrentLayers, ParametersKeepTheirNames) {
  Random random(3);
  const Recurrent rnn({.cell = "lstm", .input = F, .hidden = 5}, random);
  const ModelProto model = onnx_model(graph_of(rnn, {true, true}), "rnn");
  std::vector<std::string> names;
  for (const TensorProto& tensor : model.graph.initializers) names.push_back(tensor.name);
  for (const char* name : {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0"})
    EXPECT_EQ(std::ranges::count(names, name), 1) << name;
  // W is [D, 4 H, F].
  for (const TensorProto& tensor : model.graph.initializers)
    if (tensor.name == "weight_ih_l0") {
      EXPECT_EQ(tensor.value.shape(), (Shape{1, 20, F}));
    }
  ASSERT_EQ(model.graph.inputs.size(), 4U);
  EXPECT_EQ((*model.graph.inputs[0].shape)[0].axis, "T");
  EXPECT_EQ((*model.graph.outputs[0].shape)[2].size, 5);
}

}  // namespace
}  // namespace recur::onnx
