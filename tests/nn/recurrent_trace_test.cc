// Recurrent networks as graphs: a node a layer, and opened into scans.
#include <gtest/gtest.h>

#include "recur/nn/cells/cell.h"
#include "recur/nn/layer_ops.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/run_graph.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"
#include "tests/support/traced.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;
using testing::same_bits;

constexpr int64_t F = 3, H = 5;

const GraphInput kX{.name = "x", .shape = {"T", "B", F}};
const GraphInput kLengths{.name = "lengths", .dtype = DType::kI64, .shape = {"B"}, .lengths_of = "T"};
const std::vector<AxisSizes> kOthers{{{"T", 31}, {"B", 3}}, {{"T", 2}, {"B", 1}}, {{"T", 1}, {"B", 29}}};

std::vector<std::string> ops_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const GraphNode& node : graph.nodes) names.push_back(node.op);
  return names;
}

bool has(const Graph& graph, const std::string& op) {
  const auto names = ops_of(graph);
  return std::find(names.begin(), names.end(), op) != names.end();
}

// Both levels at sizes that were not traced: a node a layer to the same bits, opened nearly.
void expect_both_levels(const TraceSpec& spec, const TensorFunction& f) {
  const OpTable table = all_ops();
  const Graph graph = trace_graph(spec, f), opened = open_graph(graph, table.opens_all_but({"linear"}), table);
  EXPECT_TRUE(has(graph, "recurrent_layer")) << graph.str();
  EXPECT_FALSE(has(opened, "recurrent_layer")) << opened.str();
  EXPECT_TRUE(has(opened, "scan")) << opened.str();
  const autograd::NoGrad no_grad;
  for (const AxisSizes& sizes : kOthers) {
    const Tensors inputs = random_inputs(spec.inputs, sizes, 99), direct = f(inputs);
    EXPECT_TRUE(same_bits(run_graph(graph, inputs, table), direct)) << to_string(sizes) << "\n" << graph.str();
    const Tensors parts = run_graph(opened, inputs, table);
    ASSERT_EQ(parts.size(), direct.size());
    for (size_t k = 0; k < parts.size(); ++k)
      EXPECT_LT(relative_error(parts[k], direct[k]), 2e-6) << k << " at " << to_string(sizes) << "\n" << opened.str();
  }
}

Tensors outputs_of(const RecurrentOutput& out) {
  Tensors all{out.y};
  for (const Tensors& layer : out.state.layers) all.insert(all.end(), layer.begin(), layer.end());
  return all;
}

void expect_network(const RecurrentOptions& options) {
  SCOPED_TRACE(options.cell);
  Random random(3);
  const Recurrent network(options, random);
  expect_both_levels({.inputs = {kX, kLengths}, .parameters = network.named_parameters()}, [&](const Tensors& in) {
    return outputs_of(network(in[0], {.lengths = to_lengths(in[1]), .mode = Mode::evaluation()}));
  });
}

TEST(RecurrentTrace, EveryCellRunsAtBothLevels) {
  for (const Cell* cell : cells()) expect_network({.cell = cell->name, .input = F, .hidden = H});
}

TEST(RecurrentTrace, BothDirectionsAndSeveralLayers) {
  expect_network({.cell = "lstm", .input = F, .hidden = H, .layers = 2, .bidirectional = true});
  expect_network({.cell = "gru", .input = F, .widths = {H, 4, 2}, .bidirectional = true, .bias = false});
}

TEST(RecurrentTrace, EveryOptionOfEvaluation) {
  expect_network({.cell = "lstm", .input = F, .hidden = H, .layers = 2, .projection = 2});
  expect_network({.cell = "lstm_peephole", .input = F, .hidden = H, .bidirectional = true, .layer_norm = true});
  expect_network({.cell = "gru_reset_before", .input = F, .hidden = H, .layer_norm = true});
  expect_network({.cell = "lstm",
                  .input = F,
                  .hidden = H,
                  .layers = 2,
                  .dropout = 0.3F,
                  .recurrent_dropout = 0.2F,
                  .weight_drop = 0.4F,
                  .zoneout = 0.2F,
                  .zoneout_inner = 0.4F});
}

TEST(RecurrentTrace, StatesGoInAndOutAndDecay) {
  Random random(3);
  const Recurrent network({.cell = "lstm", .input = F, .hidden = H, .bidirectional = true}, random);
  TraceSpec spec{.inputs = {kX, kLengths}, .parameters = network.named_parameters()};
  for (const char* name : {"h0", "c0", "h1", "c1"}) spec.inputs.push_back({.name = name, .shape = {"B", H}});
  spec.inputs.push_back({.name = "decay", .shape = {"T", "B", H}});
  expect_both_levels(spec, [&](const Tensors& in) {
    const RecurrentState state{{{in[2], in[3]}, {in[4], in[5]}}};
    return outputs_of(network(
        in[0], {.lengths = to_lengths(in[1]), .state = state, .decay = {in[6], Tensor()}, .mode = Mode::evaluation()}));
  });
}

TEST(RecurrentTrace, ANetworkWithAHeadAndWithoutLengths) {
  Random random(3);
  const Gru rnn({.input = F, .hidden = H}, random);
  const Linear head({.in = H, .out = 2}, random);
  NamedTensors parameters = rnn.named_parameters();
  append_state(parameters, "head.", head.named_parameters());
  expect_both_levels({.inputs = {kX}, .parameters = parameters},
                     [&](const Tensors& in) { return Tensors{head(rnn(in[0], {.mode = Mode::evaluation()}).y)}; });
}

TEST(RecurrentTrace, SymbolsAreAnEmbedding) {
  constexpr int64_t V = 4;
  Random random(3);
  const Lstm rnn({.input = F, .hidden = H}, random);
  const Tensor table = normal({V, F}, 8, DType::kF32);
  NamedTensors parameters = rnn.named_parameters();
  parameters.push_back({"table", table});
  const GraphInput ids{.name = "ids", .dtype = DType::kI32, .shape = {"T", "B"}, .below = V};
  const TensorFunction f = [&](const Tensors& in) {
    return Tensors{rnn(Symbols{in[0], table}, {.lengths = to_lengths(in[1]), .mode = Mode::evaluation()}).y};
  };
  const Graph graph = trace_graph({.inputs = {ids, kLengths}, .parameters = parameters}, f);
  EXPECT_EQ(ops_of(graph), (std::vector<std::string>{"embedding", "recurrent_layer"}));
  const Tensors in = random_inputs({ids, kLengths}, {{"T", 40}, {"B", 3}}, 5);
  EXPECT_LT(relative_error(run_graph(graph, in, all_ops())[0], f(in)[0]), 1e-6);
}

TEST(RecurrentTrace, ANodeNamesItsCellLengthsAndParameters) {
  Random random(3);
  const Lstm rnn({.input = F, .hidden = H}, random);
  const Graph graph = trace_graph(
      {.inputs = {kX, kLengths}, .parameters = rnn.named_parameters(), .outputs = {"y"}}, [&](const Tensors& in) {
        return Tensors{rnn(in[0], {.lengths = to_lengths(in[1]), .mode = Mode::evaluation()}).y};
      });
  EXPECT_EQ(graph.str(),
            "inputs: x f32 [T, B, 3], lengths i64 [B]\n"
            "%6 f32 [T, B, 5], %7 f32 [B, 5], %8 f32 [B, 5] = recurrent_layer(x, lengths, -, weight_ih_l0, "
            "weight_hh_l0, bias_ih_l0, bias_hh_l0, -, -, -, -, -) "
            "{cell: 'lstm', reverse: false, zoneout: 0, zoneout_inner: 0}\n"
            "outputs: %6\n");
}

TEST(RecurrentTrace, IsTracedWhileGradientsAreRecorded) {
  Random random(3);
  const Lstm rnn({.input = F, .hidden = H}, random);
  const TensorFunction f = [&](const Tensors& in) { return Tensors{rnn(in[0], {.mode = Mode::evaluation()}).y}; };
  const Tensor x = normal({4, 2, F}, 1, DType::kF32);
  const Graph graph = testing::traced(f, {x});
  const Tensor y = run_graph(graph, {x}, all_ops())[0], direct = f({x})[0];
  EXPECT_TRUE(direct.requires_grad());
  EXPECT_TRUE(y.requires_grad());
  EXPECT_TRUE(same_bits(y, direct));
}

TEST(RecurrentTrace, DropoutAndUnknownLengthsAreErrors) {
  Random random(3);
  const Lstm rnn({.input = F, .hidden = H, .layers = 2, .dropout = 0.5F}, random);
  EXPECT_ERROR(trace_graph({.inputs = {kX}}, [&](const Tensors& in) { return Tensors{rnn(in[0]).y}; }),
               "a recurrent network with dropout: expected Mode::evaluation()");
  const TensorFunction f = [&](const Tensors& in) {
    std::vector<int64_t> lengths(static_cast<size_t>(in[0].size(1)), 2);
    return Tensors{rnn(in[0], {.lengths = lengths, .mode = Mode::evaluation()}).y};
  };
  EXPECT_ERROR(trace_graph({.inputs = {kX}}, f), "are neither an input of the trace nor the result of an op in it");
}

}  // namespace
}  // namespace recur
