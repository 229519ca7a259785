// A stream of sizes known when compiled, against the whole run and the stream it is made of.
#include "recur/nn/static_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "recur/nn/cells/cell.h"
#include "recur/ops/reshape.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

constexpr int64_t kSteps = 12;
constexpr const char* kCells[] = {"lstm", "gru", "gru_reset_before"};

Recurrent make(RecurrentOptions options) {
  Random random(7);
  return Recurrent(options, random);
}

Tensor samples(int64_t features) { return normal({kSteps, 1, features}, 3, DType::kF32); }

// Whether there are kernels on this CPU, as RECUR_TARGET leaves it.
bool has_kernels() {
#if defined(__x86_64__)
  return find_cell("lstm").stream.lanes >= 8;
#else
  return false;
#endif
}

// The outputs [T, 1, H] of steps begin .. end - 1 of x.
template <int64_t F, int64_t H>
Tensor play(StaticStream<F, H>& stream, const Tensor& x, int64_t begin = 0, int64_t end = kSteps) {
  Tensor y = Tensor::empty({end - begin, 1, H});
  for (int64_t t = begin; t < end; ++t) {
    std::array<float, F> sample;
    std::copy_n(x.data<float>() + t * F, F, sample.begin());
    const std::array<float, H> out = stream.step(sample);
    std::ranges::copy(out, y.data<float>() + (t - begin) * H);
  }
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

template <int64_t F, int64_t H>
void expect_the_whole_run(int layers = 1, bool bias = true) {
  for (const char* cell : kCells) {
    SCOPED_TRACE(fmt::format("{} of {} to {}, {} layers", cell, F, H, layers));
    const Recurrent network = make({.cell = cell, .input = F, .hidden = H, .layers = layers, .bias = bias});
    const Tensor x = samples(F);
    StaticStream<F, H> stream(network.stream());
    EXPECT_EQ(stream.has_own_kernels(), has_kernels());
    const RecurrentOutput whole = network(x);
    EXPECT_LT(relative_error(play(stream, x), whole.y), 1e-6);
    expect_same(stream.state(), whole.state);
    expect_same(stream.stream().state(), whole.state);
  }
}

TEST(StaticStream, StepsAreTheWholeRunWhateverTheSizes) {
  expect_the_whole_run<1, 1>();
  expect_the_whole_run<2, 7>();
  expect_the_whole_run<1, 8>();
  expect_the_whole_run<5, 9>();
  expect_the_whole_run<1, 16>();
  expect_the_whole_run<3, 20>();
  expect_the_whole_run<4, 24>();
  expect_the_whole_run<8, 33>();
  expect_the_whole_run<1, 40>();
  expect_the_whole_run<17, 56>();
  expect_the_whole_run<3, 64>();
}

TEST(StaticStream, LayersFollowEachOther) { expect_the_whole_run<3, 12>(3); }

TEST(StaticStream, NeedsNoBias) { expect_the_whole_run<3, 12>(1, false); }

TEST(StaticStream, LargeInputsSaturateTheGates) {
  for (const char* cell : kCells) {
    const Recurrent network = make({.cell = cell, .input = 2, .hidden = 9});
    const Tensor x = Tensor::from(std::vector<float>{1e4f, -1e4f, -3e30f, 2e30f, 50, -50}, {3, 1, 2});
    StaticStream<2, 9> stream(network.stream());
    EXPECT_LT(relative_error(play(stream, x, 0, 3), network(x).y), 1e-6) << cell;
  }
}

TEST(StaticStream, WhatIsNoNumberComesOut) {
  for (const char* cell : kCells) {
    StaticStream<1, 9> stream(make({.cell = cell, .input = 1, .hidden = 9}).stream());
    for (const float value : stream.step({std::nanf("")})) EXPECT_TRUE(std::isnan(value)) << cell;
  }
}

TEST(StaticStream, WithoutKernelsStepsAsTheStream) {
  const Tensor x = samples(5);
  const auto expect_stream = [&](const RecurrentOptions& options, const StreamOptions& how) {
    const Recurrent network = make(options);
    Stream stream = network.stream(how);
    StaticStream<5, 9> fixed(stream);
    EXPECT_FALSE(fixed.has_own_kernels());
    std::array<float, 9> expected;
    for (int64_t t = 0; t < kSteps; ++t) {
      std::array<float, 5> sample;
      std::copy_n(x.data<float>() + t * 5, 5, sample.begin());
      stream.step(sample, expected);
      EXPECT_EQ(fixed.step(sample), expected);
    }
    expect_same(fixed.state(), stream.state());
    fixed.reset();
    EXPECT_EQ(relative_error(fixed.state().layers[0][0], network.zero_state(1).layers[0][0]), 0);
  };
  const RecurrentOptions plain{.input = 5, .hidden = 9};
  RecurrentOptions options = plain;
  expect_stream(plain, {.weights = kernels::WeightFormat::kBF16});
  expect_stream(plain, {.weights = kernels::WeightFormat::kI8});
  options.cell = "lstm_peephole";
  expect_stream(options, {});
  options = plain;
  options.zoneout = 0.1f;
  expect_stream(options, {});
  options = plain;
  options.layer_norm = true;
  expect_stream(options, {});
  options = plain;
  options.hidden = 12;
  options.projection = 9;
  expect_stream(options, {});
  options = plain;
  options.widths = {4, 9};
  expect_stream(options, {});
}

TEST(StaticStream, GoesOnFromTheStreamItIsMadeOf) {
  for (const char* cell : kCells) {
    const Recurrent network = make({.cell = cell, .input = 3, .hidden = 9, .layers = 2});
    const Tensor x = samples(3);
    Stream stream = network.stream();
    stream.set_state(network(rows(x, 0, 5)).state);
    StaticStream<3, 9> fixed(stream);
    EXPECT_LT(relative_error(play(fixed, x, 5), rows(network(x).y, 5, kSteps)), 1e-6) << cell;
  }
}

TEST(StaticStream, StatesAreSavedAndCopiesFork) {
  const Recurrent network = make({.input = 3, .hidden = 9, .layers = 2});
  const Tensor x = samples(3);
  StaticStream<3, 9> stream(network.stream());
  play(stream, x, 0, 5);
  const RecurrentState saved = stream.state();
  StaticStream<3, 9> fork = stream;
  const Tensor rest = play(fork, x, 5);
  play(fork, x);
  EXPECT_EQ(relative_error(play(stream, x, 5), rest), 0);
  fork.set_state(saved);
  EXPECT_EQ(relative_error(play(fork, x, 5), rest), 0);
  fork.reset();
  StaticStream<3, 9> anew(network.stream());
  EXPECT_EQ(relative_error(play(fork, x), play(anew, x)), 0);
}

TEST(StaticStream, RefusesOtherSizesAndStates) {
  const Recurrent network = make({.input = 5, .hidden = 9});
  EXPECT_ERROR((StaticStream<5, 8>(network.stream())), "expected one stream of 5 to 8 features, got 1 of 5 to 9");
  EXPECT_ERROR((StaticStream<5, 9>(network.stream({.streams = 2}))), "got 2 of 5 to 9");
  StaticStream<5, 9> stream(network.stream());
  EXPECT_ERROR(stream.set_state({}), "expected 1 layers and directions, got 0");
}

}  // namespace
}  // namespace recur::testing
