#include "recur/ops/run_graph.h"

#include <gtest/gtest.h>

#include "recur/autograd/grad.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/concat.h"
#include "recur/ops/conv.h"
#include "recur/ops/dropout.h"
#include "recur/ops/embedding.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/losses.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/scan.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"
#include "tests/support/traced.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;
using testing::same_bits;

constexpr int64_t F = 4, H = 5, V = 11;

const GraphInput kX{.name = "x", .shape = {"T", "B", F}};
const GraphInput kIds{.name = "ids", .dtype = DType::kI32, .shape = {"T", "B"}, .below = V};
const GraphInput kLengths{.name = "lengths", .dtype = DType::kI64, .shape = {"B"}, .lengths_of = "T"};

// Sizes that are not among those traced at, and the smallest.
const std::vector<AxisSizes> kOthers{{{"T", 31}, {"B", 3}}, {{"T", 2}, {"B", 1}}, {{"T", 1}, {"B", 29}}};

// The graph of f runs at other sizes to the same bits, opened too.
void expect_open(const TraceSpec& spec, const TensorFunction& f) {
  const Graph graph = trace_graph(spec, f);
  const Graph opened = open_graph(graph, OpTable().opens_all_but({}));
  for (const AxisSizes& sizes : kOthers) {
    const Tensors inputs = random_inputs(spec.inputs, sizes, 99), direct = f(inputs);
    EXPECT_TRUE(same_bits(run_graph(graph, inputs), direct)) << to_string(sizes) << "\n" << graph.str();
    const Tensors parts = run_graph(opened, inputs);
    ASSERT_EQ(parts.size(), direct.size());
    for (size_t k = 0; k < parts.size(); ++k)
      EXPECT_LT(relative_error(parts[k], direct[k]), 1e-6) << to_string(sizes) << "\n" << opened.str();
  }
}

struct Head {
  Tensor weight = normal({H, F}, 1, DType::kF32), bias = normal({H}, 2, DType::kF32);
  NamedTensors parameters() const { return {{"weight", weight}, {"bias", bias}}; }
};

TEST(OpenSizes, OfALinearHeadWithItsLoss) {
  const Head head;
  const GraphInput target{.name = "target", .shape = {"T", "B", H}};
  expect_open({.inputs = {kX, target}, .parameters = head.parameters()}, [&](const Tensors& in) {
    const Tensor y = layer_norm(gelu(linear(in[0], head.weight, head.bias)));
    return Tensors{y, mse(y, in[1]), mean(y, 0), mean(y)};
  });
}

TEST(OpenSizes, OfReshapesAndMadeTensors) {
  const Tensor table = normal({V, F}, 3, DType::kF32);
  expect_open({.inputs = {kIds}, .parameters = {{"table", table}}}, [&](const Tensors& in) {
    const int64_t T = in[0].size(0), B = in[0].size(1);
    const Tensor x = reshape(embedding(table, in[0]), {T * B, F});
    const Tensor places = reshape(arange(T, DType::kF32), {T, 1, 1});
    const Tensor y = reshape(x, {T, B, F}) + places;
    return Tensors{concat({y, filled({1, B, F}, 2)}, 0), broadcast_to(reshape(table, {1, V, F}), {B, V, F})};
  });
}

TEST(OpenSizes, OfAttention) {
  expect_open({.inputs = {kX}}, [](const Tensors& in) {
    const Tensor x = permute(in[0], {1, 0, 2});  // [B, T, F]
    return Tensors{matmul(softmax(matmul(x, x, {.trans_b = true})), x)};
  });
}

TEST(OpenSizes, OfStrides) {
  const Tensor weight = normal({H, F, 3}, 4, DType::kF32);
  expect_open({.inputs = {kX}, .parameters = {{"weight", weight}}}, [&](const Tensors& in) {
    const Tensor y = conv1d(permute(in[0], {1, 2, 0}), weight, {}, {.stride = 2, .padding = 1});
    return Tensors{reshape(y, {y.size(0), H * y.size(2)})};
  });
}

TensorFunction elman(const Tensor& weight, bool reverse) {
  return [weight, reverse](const Tensors& in) {
    const int64_t B = in[0].size(1);
    const ScanStep step = [&](const Tensors& x, const Tensors& states) {
      const Tensor h = tanh(x[0] + linear(states[0], weight));
      return Tensors{h, gelu(h)};
    };
    const ScanResult result =
        scan({in[0]}, {filled({B, F}, 0)}, step, {.lengths = in.size() > 1 ? in[1] : Tensor(), .reverse = reverse});
    return Tensors{result.outputs[0], result.states[0]};
  };
}

TEST(OpenSizes, OfAScanWithLengths) {
  const Tensor weight = normal({F, F}, 5, DType::kF32);
  for (const bool reverse : {false, true})
    expect_open({.inputs = {kX, kLengths}, .parameters = {{"weight", weight}}}, elman(weight, reverse));
  expect_open({.inputs = {kX}, .parameters = {{"weight", weight}}}, elman(weight, false));
}

TEST(OpenSizes, AScanIsOneNodeWithItsStepAsAGraph) {
  const Tensor weight = normal({F, F}, 5, DType::kF32);
  const Graph graph = trace_graph({.inputs = {kX, kLengths}, .parameters = {{"weight", weight}}}, elman(weight, false));
  EXPECT_EQ(graph.str(),
            "inputs: x f32 [T, B, 4], lengths i64 [B]\n"
            "%3 f32 [B, 4] = filled() {shape: [B, 4], value: 0, dtype: 'f32'}\n"
            "%4 f32 [B, 4], %5 f32 [T, B, 4] = scan(lengths, x, %3, weight) {reverse: false, sequences: 1, states: 1}\n"
            "    inputs: x0 f32 [B, 4], state0 f32 [B, 4], outer0 f32 [4, 4]\n"
            "    %3 f32 [B, 4] = linear(state0, outer0, -)\n"
            "    %4 f32 [B, 4] = add(x0, %3)\n"
            "    %5 f32 [B, 4] = tanh(%4)\n"
            "    %6 f32 [B, 4] = gelu(%5)\n"
            "    outputs: %5, %6\n"
            "outputs: %5, %4\n");
}

TEST(OpenSizes, AStepMayScanItself) {
  expect_open({.inputs = {kX, kX}}, [](const Tensors& in) {
    const ScanStep outer = [&](const Tensors& x, const Tensors& states) {
      const ScanStep inner = [&](const Tensors& z, const Tensors& s) { return Tensors{s[0] + z[0] * x[0]}; };
      return Tensors{tanh(scan({in[1]}, {states[0]}, inner).states[0])};
    };
    return scan({in[0]}, {filled({in[0].size(1), F}, 0)}, outer).states;
  });
}

TEST(OpenSizes, OtherOpsAtOtherSizesAreAnError) {
  const auto f = [](const Tensors& in) {
    Tensor y = row(in[0], 0);
    for (int64_t t = 1; t < in[0].size(0); ++t) y = y + row(in[0], t);
    return Tensors{y};
  };
  EXPECT_ERROR(trace_graph({.inputs = {kX}}, f), "node 17 is missing at T = 6, B = 7 and 'rows' at T = 7, B = 14");
}

TEST(OpenSizes, MadeTensorsThatDependOnSizesAreAnErrorThatNamesTheirUse) {
  const auto f = [](const Tensors& in) { return Tensors{in[0] + Tensor::zeros(in[0].shape())}; };
  EXPECT_ERROR(trace_graph({.inputs = {kX}}, f),
               "node 0 'add', input 1: a constant is [6, 7, 4] at T = 6, B = 7 and [7, 14, 4]");
  const auto g = [](const Tensors& in) { return Tensors{in[0] * (1.0 / static_cast<double>(in[0].size(0)))}; };
  EXPECT_ERROR(trace_graph({.inputs = {kX}}, g), "node 0 'mul', input 1: a constant is []");
}

TEST(OpenSizes, ValuesReadOutsideOfOpsAreAnError) {
  const auto f = [](const Tensors& in) { return Tensors{tanh(in[0].clone())}; };
  EXPECT_ERROR(trace_graph({.inputs = {{.name = "x", .shape = {F}}}}, f),
               "node 0 'tanh', input 0: a constant is [4] at trace 1 and [4] with other elements at trace 2");
}

TEST(OpenSizes, RandomNumbersAreAnError) {
  Random random(7);
  const auto f = [&](const Tensors& in) { return Tensors{dropout(in[0], 0.5, random)}; };
  EXPECT_ERROR(trace_graph({.inputs = {{.name = "x", .shape = {F}}}}, f), "node 0 'mul', input 1");
}

TEST(OpenSizes, AnAttributeWithoutAFormIsNamed) {
  const auto g = [](const Tensors& in) {
    return Tensors{sum(rows(in[0], 0, std::max<int64_t>(in[0].size(0), 12) - 11), 0)};
  };
  EXPECT_ERROR(trace_graph({.inputs = {kX}}, g),
               "node 0 'rows', attribute 'end': no polynomial in the axes fits its values (1 at T = 6, B = 7");
}

TEST(RunGraph, InputsThatDoNotFitAreErrors) {
  const Head head;
  const Graph graph = trace_graph({.inputs = {kX, kLengths}, .parameters = head.parameters()},
                                  [&](const Tensors& in) { return Tensors{linear(in[0], head.weight, head.bias)}; });
  const Tensor lengths = Tensor::from(std::vector<int64_t>{1, 2}, {2});
  EXPECT_ERROR(run_graph(graph, {normal({3, 2, F}, 1, DType::kF32)}), "expected 2 inputs, got 1");
  EXPECT_ERROR(run_graph(graph, {normal({3, 2, F}), lengths}), "input 'x': expected f32 [T, B, 4], got f64 [3, 2, 4]");
  EXPECT_ERROR(run_graph(graph, {normal({3, 2, 7}, 1, DType::kF32), lengths}),
               "input 'x': expected f32 [T, B, 4] with T = 3, B = 2, got [3, 2, 7]");
  EXPECT_ERROR(run_graph(graph, {normal({3, 4, F}, 1, DType::kF32), lengths}),
               "input 'lengths': expected i64 [B] with T = 3, B = 4, got [2]");
}

TEST(RunGraph, GradientsFlowThroughARun) {
  Head head;
  head.weight.set_requires_grad();
  const Tensor x = normal({3, 2, F}, 1, DType::kF32);
  const auto f = [&](const Tensors& in) { return Tensors{sum(tanh(linear(in[0], head.weight, head.bias)))}; };
  const Graph graph = testing::traced(f, {x});
  EXPECT_TRUE(same_bits(grad(run_graph(graph, {x})[0], head.weight), grad(f({x})[0], head.weight)));
}

TEST(RunGraph, ParametersAreReadWhenItRuns) {
  Head head;
  const auto f = [&](const Tensors& in) { return Tensors{linear(in[0], head.weight, head.bias)}; };
  const Graph graph = trace_graph({.inputs = {kX}, .parameters = head.parameters()}, f);
  const Tensor x = normal({3, 2, F}, 1, DType::kF32);
  head.bias.data<float>()[0] += 1;
  EXPECT_TRUE(same_bits(run_graph(graph, {x}), f({x})));
}

TEST(RandomInputs, AreOfTheirKind) {
  const Tensors in = random_inputs({kX, kIds, kLengths}, {{"T", 7}, {"B", 50}});
  EXPECT_EQ(in[0].shape(), (Shape{7, 50, F}));
  for (const int32_t id : in[1].values<int32_t>()) EXPECT_TRUE(id >= 0 && id < V);
  for (const int64_t length : to_lengths(in[2])) EXPECT_TRUE(length >= 0 && length <= 7);
}

}  // namespace
}  // namespace recur
