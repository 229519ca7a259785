#include "recur/autograd/trace.h"

#include <gtest/gtest.h>

#include <thread>

#include "recur/autograd/grad.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/layer_norm.h"
#include "recur/ops/matmul.h"
#include "recur/ops/sum.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

Tensor numbers(const Shape& shape) { return Tensor::full(shape, 0.5); }

std::vector<std::string> ops_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const GraphNode& node : graph.nodes) names.push_back(node.op);
  return names;
}
using Names = std::vector<std::string>;

TEST(Trace, RecordsNameInputsAttributesAndOutputs) {
  const Tensor x = numbers({2, 3}), weight = numbers({4, 3});
  Trace trace;
  trace.input({.name = "x"}, x);
  trace.parameter("weight", weight);
  const Tensor y = [&] {
    const TraceScope scope(trace);
    return sum(linear(x, weight) * 2, -1, true);
  }();
  trace.output("y", y);
  EXPECT_EQ(trace.graph().str(),
            "inputs: x f32 [2, 3]\n"
            "%2 f32 [2, 4] = linear(x, weight, -)\n"
            "%4 f32 [2, 4] = mul(%2, 2)\n"
            "%5 f32 [2, 1] = sum(%4) {axis: 1, keep_axis: true}\n"
            "outputs: %5\n");
  const Graph& graph = trace.graph();
  EXPECT_EQ(graph.values[0].origin, Origin::kInput);
  EXPECT_EQ(graph.values[1].origin, Origin::kParameter);
  EXPECT_EQ(graph.values[2].origin, Origin::kNode);
  EXPECT_EQ(graph.values[3].origin, Origin::kConstant);
  EXPECT_EQ(graph.nodes[0].inputs, (std::vector<int>{0, 1, kAbsent}));
}

TEST(Trace, RecordsNothingOutsideItsScopeOnOtherThreadsAndInsideOps) {
  const Tensor x = numbers({2, 3});
  Trace trace;
  {
    const TraceScope scope(trace);
    gelu(x);
    std::thread([&] { gelu(x); }).join();
    const TraceScope pause(nullptr);
    exp(x);
  }
  exp(x);
  EXPECT_EQ(ops_of(trace.graph()), (Names{"gelu"}));
}

TEST(Trace, OpensWhatItIsToldTo) {
  const Tensor x = numbers({2, 3});
  Trace trace([](std::string_view op) { return op == "silu"; });
  {
    const TraceScope scope(trace);
    gelu(silu(x));
    silu(x);
  }
  EXPECT_EQ(ops_of(trace.graph()), (Names{"sigmoid", "mul", "gelu", "sigmoid", "mul"}));
}

TEST(Trace, AnOpThatGivesBackItsInputLeavesNoNode) {
  const Tensor x = numbers({2, 3});
  Trace trace;
  const TraceScope scope(trace);
  concat({x}, 0);
  EXPECT_TRUE(trace.graph().nodes.empty());
}

TEST(Trace, RecordsTheSameWithAndWithoutGradients) {
  const Tensor x = numbers({2, 3}).set_requires_grad();
  Trace with, without;
  {
    const TraceScope scope(with);
    EXPECT_TRUE(gelu(x).requires_grad());
  }
  {
    const TraceScope scope(without);
    const autograd::NoGrad no_grad;
    EXPECT_FALSE(gelu(x).requires_grad());
  }
  EXPECT_EQ(with.graph().str(), without.graph().str());
}

TEST(Trace, LeavesOutVectorJacobianProducts) {
  Tensor x = numbers({2, 3}).set_requires_grad();
  Trace trace;
  const TraceScope scope(trace);
  const Tensor loss = sum(layer_norm(x));
  const size_t before = trace.graph().nodes.size();
  loss.backward();
  EXPECT_TRUE(x.grad().defined());
  EXPECT_EQ(trace.graph().nodes.size(), before);
}

TEST(Trace, FollowsDetachedHandles) {
  const Tensor x = numbers({2, 3});
  Trace trace;
  trace.input({.name = "x"}, x);
  {
    const TraceScope scope(trace);
    exp(tanh(x.detach()).detach());
  }
  EXPECT_EQ(trace.graph().nodes[0].inputs, (std::vector<int>{0}));
  EXPECT_EQ(trace.graph().nodes[1].inputs, trace.graph().nodes[0].outputs);
}

TEST(Trace, ResultsThatAreWrittenToAreErrors) {
  Trace trace;
  const TraceScope scope(trace);
  Tensor y = exp(numbers({2}));
  y.data<float>()[0] = 7;
  EXPECT_ERROR(tanh(y), "input 0 of 'tanh' was overwritten after 'exp' had computed it");
}

TEST(Trace, IsLeftByAnErrorAsItWas) {
  const Tensor x = numbers({2, 3});
  Trace trace;
  {
    const TraceScope scope(trace);
    EXPECT_ERROR(matmul(x, x), "matmul");
    exp(x);
  }
  EXPECT_EQ(tracing(), nullptr);
  EXPECT_EQ(ops_of(trace.graph()), (Names{"exp"}));
}

TEST(Trace, FindsLengthsByTheirValues) {
  Trace trace;
  const Tensor lengths = Tensor::from(std::vector<int64_t>{3, 0, 5}, {3});
  trace.input({.name = "lengths", .lengths_of = "T"}, lengths);
  EXPECT_EQ(trace.lengths({3, 0, 5}, 5).id(), lengths.id());
  EXPECT_FALSE(trace.lengths({}, 5).defined());
  EXPECT_FALSE(trace.lengths({5, 5, 5}, 5).defined());
  EXPECT_ERROR(trace.lengths({3, 1, 5}, 5), "the lengths [3, 1, 5] are neither an input of the trace");
}

}  // namespace
}  // namespace recur
