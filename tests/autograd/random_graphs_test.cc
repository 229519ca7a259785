// Graphs drawn at random, differentiated twice, against finite differences: what no single op's case can show, such as
// results used several times, constants in between and parts that lead nowhere.
#include <gtest/gtest.h>

#include "recur/autograd/checkpoint.h"
#include "recur/autograd/grad.h"
#include "recur/autograd/gradient_check.h"
#include "recur/base/random.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

constexpr int64_t kSize = 3;  // every value is a matrix [3, 3]

// Smooth ops with results that stay near 1, so that differences are exact enough.
Tensor apply(uint64_t op, const Tensor& a, const Tensor& b) {
  switch (op) {
    case 0:
      return tanh(a + b);
    case 1:
      return sigmoid(a) * b;
    case 2:
      return matmul(a, tanh(b)) * 0.5;
    case 3:
      return matmul(a, b, {.trans_a = true, .trans_b = true}) * 0.3;
    case 4:
      return sin(a) - cos(b);
    case 5:
      return a / (square(b) + 1.0);
    case 6:
      return concat({rows(a, 1, 3), rows(b, 0, 1)}, 0);
    case 7:
      return tanh(a * sum(b, 0, /*keep_axis=*/true));
    case 8:
      return a.detach() * b;
    default:
      return softplus(a) * exp(tanh(b) * 0.5);
  }
}

struct Graph {
  explicit Graph(uint64_t seed) {
    Random random(seed);
    for (int i = 0; i < 8; ++i)
      steps.push_back(
          {random.below(10), random.below(static_cast<uint64_t>(2 + i)), random.below(static_cast<uint64_t>(2 + i))});
  }

  Tensors operator()(const Tensors& inputs) const {
    Tensors values = inputs;
    for (const auto& [op, a, b] : steps) values.push_back(apply(op, values[a], values[b]));
    return {values.back(), sum(values[values.size() - 2])};
  }

  struct Step {
    uint64_t op, a, b;
  };
  std::vector<Step> steps;
};

// Whether a detach() lies in the graph: finite differences see through it, gradients must not.
bool detaches(const Graph& graph) {
  return std::ranges::any_of(graph.steps, [](const Graph::Step& step) { return step.op == 8; });
}

Tensors inputs_of(uint64_t seed) { return {normal({kSize, kSize}, 2 * seed), normal({kSize, kSize}, 2 * seed + 1)}; }

TEST(RandomGraphs, HaveTheGradientsOfTheirFunction) {
  int checked = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const Graph graph(seed);
    if (detaches(graph)) continue;
    ++checked;
    EXPECT_LT(gradient_error(graph, inputs_of(seed)), 1e-6) << "graph " << seed;
    EXPECT_LT(second_gradient_error(graph, inputs_of(seed)), 1e-5) << "graph " << seed;
  }
  EXPECT_GT(checked, 15);
}

Tensors leaves_of(uint64_t seed) {
  Tensors leaves = inputs_of(seed);
  for (Tensor& leaf : leaves) leaf.set_requires_grad();
  return leaves;
}

Tensor total(const Tensors& outputs) { return sum(outputs[0]) + outputs[1]; }

TEST(RandomGraphs, BackwardGradAndCheckpointAgree) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const Graph graph(seed);
    const Tensors leaves = leaves_of(seed);
    const Tensor loss = total(graph(leaves));
    if (!loss.requires_grad()) continue;
    const Tensors by_grad = grad({loss}, leaves, {.retain_graph = true});
    loss.backward();
    const Tensors again = grad({total(checkpoint(graph, leaves))}, leaves);
    for (size_t i = 0; i < leaves.size(); ++i) {
      EXPECT_EQ(relative_error(again[i], by_grad[i]), 0) << "graph " << seed;
      if (leaves[i].grad().defined()) {
        EXPECT_EQ(relative_error(leaves[i].grad(), by_grad[i]), 0) << "graph " << seed;
      }
    }
  }
}

TEST(RandomGraphs, AGradientWithAGraphIsTheSameGradient) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const Graph graph(seed);
    const Tensors leaves = leaves_of(seed);
    const Tensor loss = total(graph(leaves));
    if (!loss.requires_grad()) continue;
    const Tensors plain = grad({loss}, leaves, {.retain_graph = true}),
                  recorded = grad({loss}, leaves, {.create_graph = true});
    for (size_t i = 0; i < leaves.size(); ++i)
      EXPECT_LT(relative_error(recorded[i], plain[i]), 1e-13) << "graph " << seed;
  }
}

TEST(RandomGraphs, OneInputAloneGetsWhatItGetsAmongAll) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const Graph graph(seed);
    const Tensors leaves = leaves_of(seed);
    const Tensor loss = total(graph(leaves));
    if (!loss.requires_grad()) continue;
    const Tensors both = grad({loss}, leaves, {.retain_graph = true});
    EXPECT_EQ(relative_error(grad(loss, leaves[1], {.retain_graph = true}), both[1]), 0) << "graph " << seed;
    EXPECT_EQ(relative_error(grad(loss, leaves[0]), both[0]), 0) << "graph " << seed;
  }
}

}  // namespace
}  // namespace recur::testing
