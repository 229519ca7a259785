#include "recur/nn/stream.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "recur/nn/cells/cell.h"
#include "recur/nn/state_bytes.h"
#include "recur/ops/reshape.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

using kernels::WeightFormat;

constexpr int64_t kInput = 5, kSteps = 12;

const Tensor x = normal({kSteps, 1, kInput}, 3, DType::kF32);

Recurrent make(RecurrentOptions options) {
  Random random(7);
  options.input = kInput;
  if (options.hidden == 0) options.hidden = 9;
  return Recurrent(options, random);
}

std::span<const float> sample(int64_t t) { return x.values<float>().subspan(t * kInput, kInput); }

// The outputs [T, 1, H] of steps begin .. end - 1 of x.
Tensor play(Stream& stream, int64_t begin, int64_t end) {
  const int64_t H = stream.output_features();
  Tensor y = Tensor::empty({end - begin, 1, H});
  float* out = y.data<float>();
  for (int64_t t = begin; t < end; ++t, out += H) stream.step(sample(t), {out, static_cast<size_t>(H)});
  return y;
}

void expect_same(const RecurrentState& a, const RecurrentState& b) {
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t l = 0; l < a.layers.size(); ++l) {
    ASSERT_EQ(a.layers[l].size(), b.layers[l].size());
    for (size_t k = 0; k < a.layers[l].size(); ++k)
      EXPECT_LT(relative_error(a.layers[l][k], b.layers[l][k]), 1e-6) << "part " << k << " of layer " << l;
  }
}

// Streams side by side: each of its own samples, with the bits that it has alone.
void expect_streams_apart(const Recurrent& network, WeightFormat weights) {
  constexpr int64_t kStreams = 5;
  const Tensor many = normal({kSteps, kStreams, kInput}, 4, DType::kF32);
  Stream together = network.stream({.streams = kStreams, .weights = weights});
  std::vector<Stream> alone(kStreams, network.stream({.weights = weights}));
  const auto H = static_cast<size_t>(together.output_features());
  std::vector<float> out(kStreams * H), one(H);
  for (int64_t t = 0; t < kSteps; ++t) {
    const auto samples = many.values<float>().subspan(t * kStreams * kInput, kStreams * kInput);
    together.step(samples, out);
    for (size_t b = 0; b < kStreams; ++b) {
      alone[b].step(samples.subspan(b * kInput, kInput), one);
      EXPECT_TRUE(std::equal(one.begin(), one.end(), out.begin() + static_cast<int64_t>(b * H))) << "stream " << b;
    }
  }
  expect_same(together.state(3), alone[3].state());
}

void expect_whole_run(const Recurrent& network) {
  for (const WeightFormat weights : {WeightFormat::kF32, WeightFormat::kBF16, WeightFormat::kI8})
    expect_streams_apart(network, weights);
  Stream stream = network.stream();
  const Tensor y = play(stream, 0, kSteps);
  const RecurrentOutput whole = network(x, {.mode = Mode::evaluation()});
  EXPECT_LT(relative_error(y, whole.y), 1e-6);
  expect_same(stream.state(), whole.state);
}

TEST(Stream, StepsOfEveryCellAndDepthAreTheWholeRun) {
  for (const Cell* cell : cells())
    for (const int layers : {1, 2, 3})
      for (const int64_t hidden : {1, 8, 33}) {
        SCOPED_TRACE(cell->name + " of " + std::to_string(layers) + " layers, H " + std::to_string(hidden));
        expect_whole_run(make({.cell = cell->name, .hidden = hidden, .layers = layers}));
      }
}

TEST(Stream, StepsOfEveryOptionAreTheWholeRun) {
  expect_whole_run(make({.bias = false}));
  expect_whole_run(make({.cell = "gru", .bias = false}));
  expect_whole_run(make({.widths = {4, 17, 9}, .cells = {"gru", "lstm_peephole", "rnn"}}));
  expect_whole_run(make({.layers = 2, .projection = 3}));
  expect_whole_run(make({.cell = "gru", .layers = 2, .layer_norm = true}));
  expect_whole_run(make({.layers = 2, .zoneout = 0.2f, .zoneout_inner = 0.1f}));
  expect_whole_run(make({.init = "orthogonal", .recompute = 3}));
}

TEST(Stream, EvaluatesWhateverTheModeOfTheNetwork) {
  const Recurrent network =
      make({.layers = 2, .dropout = 0.5f, .recurrent_dropout = 0.5f, .weight_drop = 0.5f, .zoneout = 0.5f});
  expect_whole_run(network);
}

// Weights that a format holds without loss, samples too, and no h yet: then nothing is rounded.
TEST(Stream, FewerBitsRoundNothingButTheWeightsAndTheInputs) {
  for (const Cell* cell : cells())
    for (const bool layer_norm : {false, true}) {
      Recurrent network = make({.cell = cell->name, .hidden = 37, .layer_norm = layer_norm});
      for (auto& [name, parameter] : network.named_parameters()) {
        if (!name.starts_with("weight")) continue;
        Tensor weight = parameter;
        Random random(5);
        for (int64_t r = 0; r < weight.size(0); ++r) {
          float* row = weight.data<float>() + r * weight.size(1);
          for (int64_t k = 0; k < weight.size(1); ++k) row[k] = (static_cast<float>(random.below(255)) - 127) / 256;
          row[r % weight.size(1)] = 127.0f / 256;
        }
      }
      const std::vector<float> samples = {1, -64.0f / 127, 0, 3.0f / 127, -1};
      std::vector<float> expected(37), out(37);
      network.stream().step(samples, expected);
      for (const WeightFormat weights : {WeightFormat::kBF16, WeightFormat::kI8}) {
        network.stream({.weights = weights}).step(samples, out);
        for (size_t h = 0; h < out.size(); ++h) ASSERT_NEAR(out[h], expected[h], 2e-6) << cell->name;
      }
    }
}

TEST(Stream, FewerBitsStayNear) {
  for (const Cell* cell : cells()) {
    const Recurrent network = make({.cell = cell->name, .hidden = 60, .layers = 2});
    const Tensor exact = network(x).y;
    for (const auto& [weights, error] : {std::pair{WeightFormat::kBF16, 0.01}, {WeightFormat::kI8, 0.05}}) {
      Stream stream = network.stream({.weights = weights});
      const double got = relative_error(play(stream, 0, kSteps), exact);
      EXPECT_LT(got, error) << cell->name;
      EXPECT_GT(got, 0) << cell->name;
    }
  }
}

TEST(Stream, FewerBitsAreFewerBytes) {
  const Recurrent network = make({.hidden = 128});
  const auto bytes = [&](WeightFormat weights) { return network.stream({.weights = weights}).weight_bytes(); };
  EXPECT_GE(bytes(WeightFormat::kF32), 4 * 128 * (128 + kInput) * 4);
  EXPECT_LT(bytes(WeightFormat::kBF16), 0.53 * static_cast<double>(bytes(WeightFormat::kF32)));
  EXPECT_LT(bytes(WeightFormat::kI8), 0.31 * static_cast<double>(bytes(WeightFormat::kF32)));
}

TEST(Stream, EachOfManyHasAStateOfItsOwn) {
  const Recurrent network = make({.layers = 2});
  Stream streams = network.stream({.streams = 3});
  Stream one = network.stream();
  play(one, 0, 5);
  streams.set_state(one.state(), 1);
  const std::vector<float> samples(3 * kInput, 0.3f);
  std::vector<float> out(3 * 9), alone(9);
  streams.step(samples, out);
  one.step(std::span(samples).first(kInput), alone);
  EXPECT_TRUE(std::equal(alone.begin(), alone.end(), out.begin() + 9));
  EXPECT_FALSE(std::equal(alone.begin(), alone.end(), out.begin()));
  streams.reset(1);
  streams.set_state(streams.state(1), 0);
  streams.step(samples, out);
  EXPECT_TRUE(std::equal(out.begin(), out.begin() + 9, out.begin() + 9));
  EXPECT_ERROR(streams.reset(3), "expected one of streams 0 .. 2, got 3");
  EXPECT_ERROR(streams.state(-1), "got -1");
  EXPECT_ERROR(streams.set_state(one.state(), 7), "got 7");
  EXPECT_ERROR(network.stream({.streams = 0}), "streams: expected at least 1, got 0");
}

TEST(Stream, StatesGoThroughBytes) {
  const Recurrent network = make({.layers = 2});
  Stream stream = network.stream();
  play(stream, 0, 5);
  Stream other = network.stream();
  other.set_state(state_from_bytes(to_bytes(stream.state())));
  EXPECT_EQ(relative_error(play(other, 5, kSteps), play(stream, 5, kSteps)), 0);
}

TEST(Stream, GoesOnFromASavedState) {
  for (const bool layer_norm : {false, true}) {
    const Recurrent network = make({.layers = 2, .layer_norm = layer_norm});
    Stream stream = network.stream();
    play(stream, 0, 5);
    const RecurrentState saved = stream.state();
    const Tensor first = play(stream, 5, kSteps);
    stream.set_state(saved);
    EXPECT_EQ(relative_error(play(stream, 5, kSteps), first), 0);
    Stream other = network.stream();
    other.set_state(saved);
    EXPECT_EQ(relative_error(play(other, 5, kSteps), first), 0);
  }
}

TEST(Stream, TakesTheStateOfAWholeRun) {
  const Recurrent network = make({.cell = "gru", .layers = 2});
  Stream stream = network.stream();
  stream.set_state(network(rows(x, 0, 5)).state);
  EXPECT_LT(relative_error(play(stream, 5, kSteps), rows(network(x).y, 5, kSteps)), 1e-6);
}

TEST(Stream, CopiesForkAndDoNotDisturbEachOther) {
  Stream stream = make({}).stream();
  play(stream, 0, 4);
  Stream fork = stream;
  const Tensor forked = play(fork, 4, kSteps);
  play(fork, 0, 3);
  EXPECT_EQ(relative_error(play(stream, 4, kSteps), forked), 0);
}

TEST(Stream, ResetStartsAnew) {
  Stream stream = make({.layers = 2}).stream();
  const Tensor first = play(stream, 0, kSteps);
  stream.reset();
  EXPECT_EQ(relative_error(play(stream, 0, kSteps), first), 0);
}

TEST(Stream, KeepsItsWeightsWhenTheNetworkLearnsOn) {
  for (const bool layer_norm : {false, true}) {
    const Recurrent network = make({.layer_norm = layer_norm});
    const Tensor before = network(x).y;
    Stream stream = network.stream();
    for (Tensor parameter : network.parameters()) parameter.copy_from(Tensor::zeros(parameter.shape()));
    EXPECT_LT(relative_error(play(stream, 0, kSteps), before), 1e-6);
  }
}

TEST(Stream, OutputMayOverlapTheInput) {
  const Recurrent network = make({.hidden = kInput});
  Stream a = network.stream(), b = network.stream();
  std::vector<float> out(kInput), both(sample(0).begin(), sample(0).end());
  a.step(sample(0), out);
  b.step(both, both);
  EXPECT_EQ(both, out);
}

TEST(Stream, RefusesWhatCannotGoStepByStep) {
  EXPECT_ERROR(make({.bidirectional = true}).stream(), "bidirectional network needs the whole sequence");
  Recurrent wide = make({});
  wide.to(DType::kF64);
  EXPECT_ERROR(wide.stream(), "expected a network in f32, got f64");
}

TEST(Stream, RefusesWrongSizesAndStatesAndStaysAsItWas) {
  Stream stream = make({.layers = 2}).stream();
  play(stream, 0, 3);
  Stream twin = stream;
  std::vector<float> out(9), three(3);
  EXPECT_ERROR(stream.step(three, out), "x: expected 5 features, got 3");
  EXPECT_ERROR(stream.step({}, out), "x: expected 5 features, got 0");
  EXPECT_ERROR(stream.step(sample(0), three), "out: expected room for 9 features, got 3");
  EXPECT_ERROR(stream.set_state({}), "expected 2 layers and directions, got 0");
  EXPECT_ERROR(stream.set_state(make({.layers = 2}).zero_state(2)), "state 0 of layer 0: expected [1, 9], got [2, 9]");
  EXPECT_ERROR(stream.set_state(make({.layers = 2}).zero_state(1, DType::kF64)), "expected f32, got f64");
  EXPECT_ERROR(stream.set_state(make({.cell = "gru", .layers = 2}).zero_state(1)), "expected 2 parts, got 1");
  EXPECT_EQ(relative_error(play(stream, 3, kSteps), play(twin, 3, kSteps)), 0);
}

}  // namespace
}  // namespace recur::testing
