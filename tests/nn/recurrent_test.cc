#include "recur/nn/recurrent.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/grad.h"
#include "recur/nn/cells/cell.h"
#include "recur/nn/linear.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/optim/adam.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

Recurrent make(RecurrentOptions options) {
  Random random(11);
  if (options.input == 0) options.input = 4;
  if (options.hidden == 0) options.hidden = 6;
  return Recurrent(options, random);
}

Tensors flat(const RecurrentState& state) {
  Tensors all;
  for (const Tensors& layer : state.layers) all.insert(all.end(), layer.begin(), layer.end());
  return all;
}

void expect_same(const RecurrentState& a, const RecurrentState& b, double tolerance) {
  const Tensors x = flat(a), y = flat(b);
  ASSERT_EQ(x.size(), y.size());
  for (size_t i = 0; i < x.size(); ++i) EXPECT_LE(relative_error(x[i], y[i]), tolerance) << "state " << i;
}

const Tensor x = normal({9, 3, 4}, 1, DType::kF32);

TEST(Recurrent, ChunksWithCarriedStateEqualTheWholeRun) {
  for (const Cell* cell : cells()) {
    const Recurrent network = make({.cell = cell->name, .layers = 2});
    const RecurrentOutput whole = network(x);
    const RecurrentOutput first = network(rows(x, 0, 4));
    const RecurrentOutput second = network(rows(x, 4, 9), {.state = first.state});
    EXPECT_LT(relative_error(concat({first.y, second.y}, 0), whole.y), 1e-6) << cell->name;
    expect_same(second.state, whole.state, 1e-6);
  }
}

TEST(Recurrent, PaddingDoesNotMatterAndOutputsZeros) {
  const Recurrent network = make({.layers = 2, .bidirectional = true});
  const std::vector<int64_t> lengths = {5, 0, 9};
  Tensor other = x.clone();
  for (int64_t t = 0; t < 9; ++t)
    for (int64_t b = 0; b < 3; ++b)
      for (int64_t f = 0; f < 4; ++f)
        if (t >= lengths[b]) other.data<float>()[(t * 3 + b) * 4 + f] = NAN;
  const RecurrentOutput a = network(x, {.lengths = lengths}), b = network(other, {.lengths = lengths});
  EXPECT_EQ(relative_error(b.y, a.y), 0);
  EXPECT_EQ(sum(slice(a.y, {.axis = 1, .begin = 1}, 1)).item(), 0);
  // Each sequence alone gives the same.
  const RecurrentOutput alone = network(rows(slice(x, {.axis = 1, .begin = 0}, 1), 0, 5));
  EXPECT_LT(relative_error(rows(slice(a.y, {.axis = 1, .begin = 0}, 1), 0, 5), alone.y), 1e-6);
}

TEST(Recurrent, EmptySequencesKeepTheirState) {
  const Recurrent network = make({.cell = "gru"});
  RecurrentState state = network.zero_state(3);
  state.layers[0][0] = normal({3, 6}, 5, DType::kF32);
  const RecurrentOutput out = network(x, {.lengths = {0, 0, 0}, .state = state});
  EXPECT_EQ(out.y.shape(), Shape({9, 3, 6}));
  EXPECT_EQ(sum(abs(out.y)).item(), 0);
  expect_same(out.state, state, 0);
}

TEST(Recurrent, OrderWithinTheBatchDoesNotMatter) {
  const Recurrent network = make({.bidirectional = true});
  const auto column = [&](const Tensor& from, int64_t b) { return slice(from, {.axis = 1, .begin = b}, 1); };
  const RecurrentOutput a = network(x, {.lengths = {3, 9, 6}});
  const Tensor turned = concat({column(x, 2), column(x, 0), column(x, 1)}, 1);
  const RecurrentOutput b = network(turned, {.lengths = {6, 3, 9}});
  EXPECT_LT(relative_error(concat({column(b.y, 1), column(b.y, 2), column(b.y, 0)}, 1), a.y), 1e-6);
}

TEST(Recurrent, RecomputationGivesTheBitsOfKeepingEverything) {
  const auto gradients = [](int64_t segment) {
    const Recurrent network = make({.layers = 2, .bidirectional = true, .recompute = segment});
    const RecurrentOutput out = network(x, {.lengths = {9, 4, 7}});
    Tensors all = grad({sum(out.y * out.y)}, network.parameters());
    all.push_back(out.y);
    return all;
  };
  const Tensors kept = gradients(0), again = gradients(4);
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_LT(relative_error(again[i], kept[i]), 1e-6) << i;
}

TEST(Recurrent, RecomputationKeepsAQuarterOfTheActivations) {
  const Tensor input = normal({1000, 4, 8}, 2, DType::kF32), ones = Tensor::ones({1000, 4, 64});
  const auto peak = [&](int64_t segment) {
    const Recurrent network = make({.input = 8, .hidden = 64, .recompute = segment});
    const int64_t before = arena_stats().bytes_in_use;
    reset_arena_peak();
    grad({network(input).y}, network.parameters(), {.grad_outputs = {ones}});
    return arena_stats().peak_bytes - before;
  };
  EXPECT_LT(peak(32), 0.25 * static_cast<double>(peak(0)));
}

TEST(Recurrent, MixesCellsAndWidths) {
  const Recurrent network = make({.widths = {5, 7, 3}, .cells = {"lstm", "gru", "rnn"}, .bidirectional = true});
  const RecurrentOutput out = network(x);
  EXPECT_EQ(out.y.shape(), Shape({9, 3, 6}));
  EXPECT_EQ(network.output_features(), 6);
  EXPECT_EQ(out.state.layers[0].size(), 2u);
  EXPECT_EQ(out.state.layers[2].size(), 1u);
}

TEST(Recurrent, DropoutActsInTrainingOnlyAndFollowsTheGenerator) {
  for (RecurrentOptions options : {RecurrentOptions{.layers = 2, .dropout = 0.5f},
                                   RecurrentOptions{.layers = 2, .dropout = 0.5f, .locked_dropout = true},
                                   RecurrentOptions{.recurrent_dropout = 0.5f}, RecurrentOptions{.weight_drop = 0.5f},
                                   RecurrentOptions{.zoneout = 0.3f, .zoneout_inner = 0.3f}}) {
    options.hidden = 0;
    const Recurrent network = make(options);
    Random one(1), same(1), two(2);
    const auto run = [&](Mode mode) { return network(x, {.mode = mode}).y; };
    const Tensor a = run(Mode::training(one)), b = run(Mode::training(same));
    EXPECT_EQ(relative_error(b, a), 0);
    EXPECT_GT(relative_error(run(Mode::training(two)), a), 1e-3);
    EXPECT_EQ(relative_error(run(Mode::evaluation()), run(Mode::evaluation())), 0);
  }
}

TEST(Recurrent, TraceHoldsTheNormOfEveryStepsGradient) {
  const Recurrent network = make({.cell = "rnn"});
  GradientTrace trace;
  const RecurrentOutput out = network(x, {.trace = &trace});
  sum(rows(out.y, 8, 9)).backward();
  ASSERT_EQ(trace.norms.size(), 1u);
  ASSERT_EQ(trace.norms[0].size(), 9u);
  EXPECT_NEAR(trace.norms[0][8], std::sqrt(3 * 6.0), 1e-5);  // ones at the last step
  EXPECT_LT(trace.norms[0][0], trace.norms[0][8]);
  EXPECT_GT(trace.norms[0][0], 0);
}

TEST(Recurrent, ResetClearsTheStreamsThatEnd) {
  const Recurrent network = make({});
  const RecurrentState state = network(x).state.reset({1, 0, 1});
  for (const Tensor& part : flat(state)) {
    EXPECT_EQ(sum(abs(rows(part, 1, 2))).item(), 0);
    EXPECT_GT(sum(abs(rows(part, 0, 1))).item(), 0);
  }
}

TEST(Recurrent, LearnsToRememberTheFirstStep) {
  Random random(4);
  Recurrent network({.input = 1, .hidden = 8, .init = "chrono", .chrono_steps = 10}, random);
  Linear head({.in = 8, .out = 1}, random);
  Tensor input = Tensor::zeros({10, 16, 1});
  for (int64_t b = 0; b < 16; ++b) input.data<float>()[b] = b % 2 == 0 ? 1.0f : -1.0f;
  const Tensor target = row(input, 0);
  Adam adam(parameters(network, head), {.rate = 0.02});
  double loss = 0;
  for (int i = 0; i < 200; ++i) {
    const Tensor mse = mean(square(head(row(network(input).y, 9)) - target));
    adam.zero_grad();
    mse.backward();
    adam.step();
    loss = mse.item();
  }
  EXPECT_LT(loss, 1e-3);
}

TEST(Recurrent, RefusesWhatDoesNotFit) {
  EXPECT_THROW(make({.cell = "lstn"}), UsageError);
  EXPECT_THROW(make({.cell = "gru", .projection = 2}), Error);
  EXPECT_THROW(make({.dropout = 1.0f}), Error);
  EXPECT_THROW(make({.cells = {"lstm", "gru"}}), Error);
  EXPECT_THROW(make({.cell = "rnn", .init = "chrono"}), Error);
  const Recurrent network = make({});
  EXPECT_THROW(network(normal({9, 3, 5}, 1, DType::kF32)), Error);
  EXPECT_THROW(network(x, {.lengths = {1, 2}}), Error);
  EXPECT_THROW(network(x, {.lengths = {1, 2, 10}}), Error);
  EXPECT_THROW(network(x, {.lengths = {1, -2, 9}}), Error);
  EXPECT_THROW(network(x, {.state = network.zero_state(2)}), Error);
}

}  // namespace
}  // namespace recur::testing
