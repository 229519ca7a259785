#include "recur/nn/pyramid.h"

#include <gtest/gtest.h>

#include "recur/autograd/gradient_check.h"
#include "recur/nn/layer_ops.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/run_graph.h"
#include "recur/ops/slice.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"
#include "tests/support/traced.h"

namespace recur::testing {
namespace {

Pyramid make(int64_t layers, DType dtype) {
  Random random(3);
  Pyramid made({.rnn = {.cell = "gru", .input = 3, .bidirectional = true}, .hidden = 4, .layers = layers}, random);
  made.to(dtype);
  return made;
}

TEST(Pyramid, ALayerReadsPairsOfSteps) {
  const Pyramid pyramid = make(1, DType::kF64);
  const Tensor x = normal({5, 1, 3}, 1);
  const Pyramid::Output whole = pyramid(x, {5}, Mode::evaluation());
  EXPECT_EQ(whole.y.shape(), (Shape{3, 1, 8}));
  EXPECT_EQ(whole.lengths, (std::vector<int64_t>{3}));
  // Forwards, the first step that is made depends on the first two steps alone.
  Tensor changed = x.clone();
  for (int64_t i = 2 * 3; i < changed.numel(); ++i) changed.data<double>()[i] += 1;
  const Tensor y = pyramid(changed, {5}, Mode::evaluation()).y;
  EXPECT_EQ(relative_error(slice(rows(y, 0, 1), {2, 0}, 4), slice(rows(whole.y, 0, 1), {2, 0}, 4)), 0);
  changed.data<double>()[3] += 1;
  EXPECT_GT(relative_error(slice(rows(pyramid(changed, {5}, Mode::evaluation()).y, 0, 1), {2, 0}, 4),
                           slice(rows(whole.y, 0, 1), {2, 0}, 4)),
            1e-3);
}

TEST(Pyramid, ASequenceIsAsAlone) {
  const Pyramid pyramid = make(2, DType::kF64);
  const Tensor x = normal({7, 3, 3}, 1);
  const std::vector<int64_t> lengths = {7, 3, 0};
  // The layers below leave zeros in the padding.
  Tensor padded = x.clone();
  for (int64_t t = 0; t < 7; ++t)
    for (int64_t b = 0; b < 3; ++b)
      for (int64_t f = 0; f < 3; ++f)
        if (t >= lengths[static_cast<size_t>(b)]) padded.data<double>()[(t * 3 + b) * 3 + f] = 0;
  const Pyramid::Output together = pyramid(padded, lengths, Mode::evaluation());
  EXPECT_EQ(together.lengths, (std::vector<int64_t>{2, 1, 0}));
  const Pyramid::Output alone = pyramid(rows(slice(x, {1, 1}, 1), 0, 3), {}, Mode::evaluation());
  EXPECT_LT(relative_error(rows(slice(together.y, {1, 1}, 1), 0, 1), alone.y), 1e-12);
}

TEST(Pyramid, GradientsAreExact) {
  const Pyramid pyramid = make(2, DType::kF64);
  const auto f = [&](const Tensors& in) {
    return with_parameters(pyramid, Tensors(in.begin() + 1, in.end()), [&] {
      return Tensors{pyramid(in[0], {5, 2}, Mode::evaluation()).y};
    });
  };
  Tensors inputs{normal({5, 2, 3}, 1)};
  for (const Tensor& parameter : pyramid.parameters()) inputs.push_back(parameter.clone());
  EXPECT_LT(gradient_error(f, inputs), 1e-6);
}

TEST(Pyramid, RunsAsAGraph) {
  const Pyramid pyramid = make(2, DType::kF32);
  const TraceSpec spec{.inputs = {{.name = "x", .shape = {"T", "B", 3}},
                                  {.name = "lengths", .dtype = DType::kI64, .shape = {"B"}, .lengths_of = "T"}},
                       .parameters = pyramid.named_parameters()};
  const TensorFunction f = [&](const Tensors& in) {
    return Tensors{pyramid(in[0], to_lengths(in[1]), Mode::evaluation()).y};
  };
  const Graph graph = trace_graph(spec, f);
  const autograd::NoGrad no_grad;
  for (const AxisSizes& sizes : std::vector<AxisSizes>{{{"T", 9}, {"B", 3}}, {{"T", 6}, {"B", 2}}}) {
    const Tensors inputs = random_inputs(spec.inputs, sizes, 9);
    EXPECT_LT(relative_error(run_graph(graph, inputs, all_ops())[0], f(inputs)[0]), 1e-5);
  }
}

TEST(Pyramid, TakesALastLayerWithoutABlock) {
  Random random(3);
  const RecurrentOptions rnn{.cell = "gru", .input = 3, .blocks = {"residual", "none"}, .block_conv = 3};
  EXPECT_EQ(Pyramid({.rnn = rnn, .hidden = 4, .layers = 1}, random).output_features(), 4);
}

TEST(Pyramid, ArgumentsAreChecked) {
  Random random(1);
  EXPECT_ERROR(Pyramid({.rnn = {.input = 3}, .hidden = 4, .layers = 0}, random), "expected at least 1 layer");
}

}  // namespace
}  // namespace recur::testing
