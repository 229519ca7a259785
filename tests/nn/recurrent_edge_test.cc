// Recurrent networks at the edges: nothing to do, one of everything, wrong types, initial values, kept weights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "recur/autograd/grad.h"
#include "recur/autograd/node.h"
#include "recur/nn/cells/cell.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

Recurrent make(RecurrentOptions options, uint64_t seed = 11) {
  Random random(seed);
  if (options.input == 0) options.input = 4;
  if (options.hidden == 0) options.hidden = 6;
  return Recurrent(options, random);
}

Tensor parameter(const Recurrent& network, std::string_view name) {
  for (const NamedTensor& each : network.named_parameters())
    if (each.name == name) return each.value;
  fail("no parameter {}", name);
}

// Every cell alone, and networks with everything that acts between and around the layers.
std::vector<RecurrentOptions> many_kinds() {
  std::vector<RecurrentOptions> all;
  for (const Cell* cell : cells()) all.push_back({.cell = cell->name});
  all.push_back({.layers = 2, .bidirectional = true, .dropout = 0.3f, .recompute = 2});
  all.push_back({.layers = 2, .projection = 3, .dropout = 0.3f, .locked_dropout = true, .zoneout = 0.2f});
  all.push_back({.cell = "gru", .layers = 2, .layer_norm = true, .recurrent_dropout = 0.2f});
  all.push_back({.widths = {5, 1}, .cells = {"lstm_peephole", "rnn"}, .bidirectional = true, .weight_drop = 0.4f});
  return all;
}

void expect_no_gradient(const Recurrent& network, const RecurrentOutput& out) {
  Tensor total = sum(out.y);
  for (const Tensors& layer : out.state.layers)
    for (const Tensor& part : layer) total = total + sum(part);
  if (!total.requires_grad()) return;
  for (const Tensor& g : grad({total}, network.parameters())) EXPECT_EQ(sum(abs(g)).item(), 0);
}

TEST(RecurrentEdge, NoStepsLeaveTheStateAlone) {
  for (const RecurrentOptions& options : many_kinds()) {
    SCOPED_TRACE(options.cell + (options.bidirectional ? " in both directions" : ""));
    const Recurrent network = make(options);
    RecurrentState state = network.zero_state(3);
    for (Tensors& layer : state.layers)
      for (size_t k = 0; k < layer.size(); ++k) layer[k] = normal(layer[k].shape(), 3 + k, DType::kF32);
    const RecurrentOutput out = network(Tensor::zeros({0, 3, 4}), {.state = state});
    EXPECT_EQ(out.y.shape(), (Shape{0, 3, network.output_features()}));
    for (size_t l = 0; l < state.layers.size(); ++l)
      for (size_t k = 0; k < state.layers[l].size(); ++k)
        EXPECT_EQ(relative_error(out.state.layers[l][k], state.layers[l][k]), 0);
    expect_no_gradient(network, out);
  }
}

TEST(RecurrentEdge, ABatchOfNoSequencesGivesNone) {
  for (const RecurrentOptions& options : many_kinds()) {
    SCOPED_TRACE(options.cell + (options.bidirectional ? " in both directions" : ""));
    const Recurrent network = make(options);
    for (const int64_t T : {0, 1, 5}) {
      const RecurrentOutput out = network(Tensor::zeros({T, 0, 4}));
      EXPECT_EQ(out.y.shape(), (Shape{T, 0, network.output_features()}));
      EXPECT_EQ(out.state.layers[0][0].size(0), 0);
      expect_no_gradient(network, out);
    }
  }
}

TEST(RecurrentEdge, AllEmptySequencesGiveZerosAndKeepTheState) {
  for (const RecurrentOptions& options : many_kinds()) {
    SCOPED_TRACE(options.cell + (options.bidirectional ? " in both directions" : ""));
    const Recurrent network = make(options);
    const RecurrentOutput out = network(normal({3, 2, 4}, 1, DType::kF32), {.lengths = {0, 0}});
    EXPECT_EQ(out.y.shape(), (Shape{3, 2, network.output_features()}));
    EXPECT_EQ(sum(abs(out.y)).item(), 0);
    expect_no_gradient(network, out);
  }
}

TEST(RecurrentEdge, OneUnitOneFeatureOneStep) {
  for (const RecurrentOptions& kind : many_kinds()) {
    RecurrentOptions options = kind;
    options.input = options.hidden = 1;
    options.projection = std::min<int64_t>(options.projection, 1);
    const Recurrent network = make(options);
    const RecurrentOutput out = network(Tensor::ones({1, 1, 1}));
    EXPECT_EQ(out.y.size(0), 1);
    EXPECT_TRUE(std::isfinite(sum(out.y).item())) << options.cell;
    for (const Tensor& g : grad({sum(out.y)}, network.parameters()))
      for (const float value : g.values<float>()) EXPECT_TRUE(std::isfinite(value));
  }
}

TEST(RecurrentEdge, RefusesAnotherDtypeThanTheWeights) {
  Recurrent network = make({});
  EXPECT_ERROR(network(normal({2, 1, 4})), "recurrent: x: expected f32, as the weights are, got f64");
  EXPECT_ERROR(network(Tensor::zeros({2, 1, 4}, DType::kI32)), "x: expected f32, as the weights are, got i32");
  EXPECT_ERROR(network(Tensor::zeros({2, 1, 4}), {.state = network.zero_state(1, DType::kF64)}),
               "state 0 of layer 0: expected f32, got f64");
  network.to(DType::kF64);
  EXPECT_ERROR(network(Tensor::zeros({2, 1, 4})), "x: expected f64, as the weights are, got f32");
  EXPECT_NO_THROW(network(normal({2, 1, 4})));
}

TEST(RecurrentEdge, RefusesUndefinedTensorsAndOddStates) {
  const Recurrent network = make({.layers = 2});
  EXPECT_ERROR(network(Tensor()), "undefined");
  EXPECT_ERROR(network(Tensor::zeros({2, 4})), "x: expected [T, B, 4], got [2, 4]");
  RecurrentState state = network.zero_state(1);
  state.layers[1][1] = Tensor();
  EXPECT_ERROR(network(Tensor::zeros({2, 1, 4}), {.state = state}), "state 1 of layer 1: expected [1, 6], got []");
  state.layers.pop_back();
  EXPECT_ERROR(network(Tensor::zeros({2, 1, 4}), {.state = state}), "expected 2 layers and directions, got 1");
}

TEST(RecurrentEdge, RefusesDecaysOfAnotherShapeOrKind) {
  const Recurrent network = make({.layers = 2});
  const Tensor x = normal({3, 2, 4}, 1, DType::kF32), fits = Tensor::ones({3, 2, 6});
  EXPECT_NO_THROW(network(x, {.decay = {fits, Tensor()}}));
  EXPECT_ERROR(network(x, {.decay = {fits}}), "one for each of 2 layers");
  EXPECT_ERROR(network(x, {.decay = {Tensor(), Tensor::ones({3, 2, 4})}}), "decay of layer 1: expected [3, 2, 6]");
  EXPECT_ERROR(network(x, {.decay = {Tensor::ones({3, 2, 6}, DType::kF64), fits}}), "decay of layer 0: expected f32");
}

TEST(RecurrentDecay, OneLeavesHAsItIsAndZeroForgetsIt) {
  const Recurrent network = make({.cell = "gru"});
  const Tensor x = normal({5, 2, 4}, 1, DType::kF32);
  const auto run = [&](double decay) { return network(x, {.decay = {Tensor::full({5, 2, 6}, decay)}}).y; };
  EXPECT_LT(relative_error(run(1), network(x).y), 1e-6);
  Tensors alone;
  for (int64_t t = 0; t < 5; ++t) alone.push_back(network(rows(x, t, t + 1)).y);
  EXPECT_LT(relative_error(run(0), concat(alone, 0)), 1e-6);
}

TEST(RecurrentEdge, RefusesOptionsThatMakeNoSense) {
  EXPECT_THROW(make({.init = "ortogonal"}), UsageError);
  EXPECT_ERROR(make({.init = "ortogonal"}), "unknown init 'ortogonal'; did you mean 'orthogonal'?; known: uniform,");
  EXPECT_ERROR(make({.layers = -1}), "at least 1 unit and 1 layer");
  EXPECT_ERROR(make({.widths = {3, 0}}), "widths: expected at least 1 unit, got 0");
  EXPECT_ERROR(make({.zoneout = NAN}), "zoneout: expected a probability");
  EXPECT_ERROR(make({.recompute = -1}), "recompute: expected 0 or more");
  EXPECT_ERROR(make({.bias = false, .init = "chrono"}), "init: chrono sets biases, and there are none");
  EXPECT_ERROR(make({.init = "chrono", .chrono_steps = 2}), "chrono_steps: expected at least 3");
  EXPECT_ERROR(make({.cell = "rnn", .forget_bias = 1}), "forget_bias needs a cell with a forget gate");
}

TEST(RecurrentEdge, ParametersHavePytorchsNamesAndShapes) {
  const Recurrent network = make({.layers = 2, .bidirectional = true, .projection = 3});
  std::vector<std::string> got;
  for (const NamedTensor& each : network.named_parameters()) got.push_back(each.name + each.value.shape().str());
  std::vector<std::string> expected;
  for (const char* suffix : {"_l0", "_l0_reverse", "_l1", "_l1_reverse"})
    for (const std::string& each :
         {std::string("weight_ih*[24, ") + (suffix[2] == '0' ? "4]" : "6]"), std::string("weight_hh*[24, 3]"),
          std::string("bias_ih*[24]"), std::string("bias_hh*[24]"), std::string("weight_hr*[3, 6]")})
      expected.push_back(std::string(each).replace(each.find('*'), 1, suffix));
  EXPECT_EQ(got, expected);
}

// --- initial values -----------------------------------------------------------------------------------------------

TEST(RecurrentInit, UniformWithinOneOverTheRootOfH) {
  const Recurrent network = make({.input = 30, .hidden = 16});
  for (const NamedTensor& each : network.named_parameters()) {
    float largest = 0;
    for (const float w : each.value.values<float>()) largest = std::max(largest, std::abs(w));
    EXPECT_LE(largest, 0.25f) << each.name;
    EXPECT_GT(largest, 0.2f) << each.name;
  }
}

TEST(RecurrentInit, OrthogonalForEveryGate) {
  const Recurrent network = make({.cell = "gru", .hidden = 9, .init = "orthogonal"});
  const Tensor w = parameter(network, "weight_hh_l0");
  for (int g = 0; g < 3; ++g)
    for (int64_t i = 0; i < 9; ++i)
      for (int64_t j = 0; j < 9; ++j) {
        double product = 0;
        for (int64_t k = 0; k < 9; ++k)
          product += double{w.values<float>()[(g * 9 + i) * 9 + k]} * w.values<float>()[(g * 9 + j) * 9 + k];
        EXPECT_NEAR(product, i == j, 1e-6) << "gate " << g;
      }
  EXPECT_EQ(sum(abs(parameter(network, "bias_ih_l0"))).item(), 0);
}

TEST(RecurrentInit, IdentityKeepsAndIgnoresTheInput) {
  const Recurrent network = make({.cell = "rnn_relu", .hidden = 5, .init = "identity"});
  RecurrentState state = network.zero_state(1);
  state.layers[0][0] = Tensor::from({1, 2, 3, 0.5f, 4}, {1, 5});
  const Tensor last = network(Tensor::zeros({40, 1, 4}), {.state = state}).state.layers[0][0];
  EXPECT_LT(relative_error(last, state.layers[0][0]), 1e-6);
}

TEST(RecurrentInit, ChronoGivesForgetBiasesOfAllSpansAndTheirOppositeToTheInput) {
  const Recurrent network = make({.hidden = 64, .init = "chrono", .chrono_steps = 50});
  const Tensor ih = parameter(network, "bias_ih_l0"), hh = parameter(network, "bias_hh_l0");
  const auto b = ih.values<float>();
  EXPECT_EQ(sum(abs(hh)).item(), 0);
  float lowest = 1e9f, highest = 0;
  for (size_t j = 0; j < 64; ++j) {
    EXPECT_EQ(b[j], -b[64 + j]);
    lowest = std::min(lowest, b[64 + j]);
    highest = std::max(highest, b[64 + j]);
    EXPECT_EQ(b[128 + j], 0);
  }
  EXPECT_GE(lowest, 0);
  EXPECT_LE(highest, std::log(49.0f));
  EXPECT_GT(highest, std::log(35.0f));
}

TEST(RecurrentInit, ForgetBiasIsAddedToThatGateAlone) {
  for (const Cell* cell : cells()) {
    if (cell->forget_gate < 0) continue;
    const Recurrent plain = make({.cell = cell->name}), raised = make({.cell = cell->name, .forget_bias = 2});
    const auto a = parameter(plain, "bias_ih_l0").values<float>(), b = parameter(raised, "bias_ih_l0").values<float>();
    for (size_t j = 0; j < a.size(); ++j)
      EXPECT_NEAR(b[j] - a[j], static_cast<int>(j / 6) == cell->forget_gate ? 2 : 0, 1e-6) << cell->name;
  }
}

// --- states -------------------------------------------------------------------------------------------------------

TEST(RecurrentStates, DetachedOnesCarryNoGradientBack) {
  const Recurrent network = make({});
  Tensor x = normal({3, 2, 4}, 1, DType::kF32);
  x.set_requires_grad();
  const RecurrentOutput first = network(x);
  const Tensor later = normal({2, 2, 4}, 2, DType::kF32);
  EXPECT_GT(sum(abs(grad(sum(network(later, {.state = first.state}).y), x))).item(), 0);
  const RecurrentOutput cut = network(later, {.state = network(x).state.detach()});
  EXPECT_EQ(sum(abs(grad(sum(cut.y), x))).item(), 0);
}

TEST(RecurrentStates, ResetStartsFromZerosEvenAfterNan) {
  const Recurrent network = make({});
  RecurrentState state = network.zero_state(2);
  state.layers[0][0] = Tensor::full({2, 6}, NAN);
  state.layers[0][1] = Tensor::full({2, 6}, INFINITY);
  const RecurrentState fresh = state.reset({0, 0});
  for (const Tensor& part : fresh.layers[0])
    for (const float value : part.values<float>()) EXPECT_EQ(value, 0);
  EXPECT_ERROR(state.reset({1}), "reset: expected 2 flags, got 1");
  // Any flag but 0 keeps the row as it is.
  state.layers[0][0] = normal({2, 6}, 1, DType::kF32);
  EXPECT_EQ(relative_error(state.reset({1, 200}).layers[0][0], state.layers[0][0]), 0);
}

TEST(RecurrentStates, ZoneoutInEvaluationMixesOldAndNew) {
  Recurrent plain = make({}), mixed = make({.zoneout = 0.25f, .zoneout_inner = 0.5f});
  mixed.load_state(plain.state());
  const Tensor x = normal({1, 2, 4}, 1, DType::kF32);
  RecurrentState state = plain.zero_state(2);
  for (Tensor& part : state.layers[0]) part = normal({2, 6}, 5, DType::kF32);
  const Tensors a = plain(x, {.state = state}).state.layers[0],
                b = mixed(x, {.state = state, .mode = Mode::evaluation()}).state.layers[0];
  EXPECT_LT(relative_error(b[0], state.layers[0][0] * 0.25 + a[0] * 0.75), 1e-6);
  EXPECT_LT(relative_error(b[1], state.layers[0][1] * 0.5 + a[1] * 0.5), 1e-6);
}

// --- weights kept in the order the loop reads ---------------------------------------------------------------------

TEST(RecurrentWeights, AChangeOfTheWeightsIsSeenByTheNextCall) {
  const autograd::NoGrad no_grad;
  Recurrent network = make({}), other = make({}, 12);
  const Tensor x = normal({3, 2, 4}, 1, DType::kF32);
  const Tensor before = network(x).y;
  network.load_state(other.state());
  EXPECT_EQ(relative_error(network(x).y, other(x).y), 0);
  EXPECT_GT(relative_error(network(x).y, before), 0.01);
  network.to(DType::kF64);
  EXPECT_LT(relative_error(network(x.clone(DType::kF64)).y, other(x).y.clone(DType::kF64)), 1e-5);
  network.to(DType::kF32);
  parameter(network, "weight_hh_l0").data<float>()[0] += 1;
  EXPECT_GT(relative_error(network(x).y, other(x).y), 1e-4);
}

// Dropped weights are a new tensor each time, often where the last one was.
TEST(RecurrentWeights, EveryCallUsesTheWeightsItDropped) {
  const Tensor x = normal({4, 2, 4}, 1, DType::kF32);
  const Recurrent network = make({.weight_drop = 0.5f});
  Random random(3);
  for (int call = 0; call < 20; ++call) {
    Random same(random.state());
    Recurrent fresh = make({.weight_drop = 0.5f});
    fresh.load_state(network.state());
    const autograd::NoGrad no_grad;
    const Tensor got = network(x, {.mode = Mode::training(random)}).y;
    EXPECT_EQ(relative_error(got, fresh(x, {.mode = Mode::training(same)}).y), 0) << "call " << call;
  }
}

TEST(RecurrentWeights, ThreadsMayRunOneNetwork) {
  const Recurrent network = make({.layers = 2, .bidirectional = true});
  const Tensor x = normal({5, 3, 4}, 1, DType::kF32);
  Tensors results(4);
  std::vector<std::thread> threads;
  for (Tensor& result : results)
    threads.emplace_back([&] {
      const autograd::NoGrad no_grad;
      result = network(x).y;
    });
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& result : results) EXPECT_EQ(relative_error(result, results[0]), 0);
}

}  // namespace
}  // namespace recur::testing
