#include "recur/nn/attention_decoder.h"

#include <gtest/gtest.h>

#include <optional>

#include "recur/autograd/gradient_check.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;

struct Kind {
  const char* name;
  const char* attention;
  bool feeds;
  const char* cell;
  int layers = 2;
  int64_t location = 0;
  bool sum = false;
  bool gate = false;
};

class DecoderKinds : public ::testing::TestWithParam<Kind> {
 protected:
  AttentionDecoder make() const {
    Random random(5);
    AttentionDecoder decoder({.rnn = {.cell = GetParam().cell, .input = 3, .hidden = 4, .layers = GetParam().layers},
                              .memory = 5,
                              .attention = GetParam().attention,
                              .heads = 2,
                              .output = 6,
                              .input_feeding = GetParam().feeds,
                              .location = GetParam().location,
                              .location_sum = GetParam().sum,
                              .kept_keys = GetParam().sum ? 0 : 1 << 20,
                              .gate = GetParam().gate},
                             random);
    decoder.to(DType::kF64);
    return decoder;
  }
  // The features of all steps, and the weights where there are any.
  static Tensors run(const AttentionDecoder& decoder, const Tensor& x, const Tensor& encoded) {
    const AttentionMemory memory = decoder.read(encoded, {3, 2});
    const auto out = decoder(x, decoder.first_state(row(encoded, 0), memory), memory, Mode::evaluation());
    return decoder.attends() ? Tensors{out.features, out.weights} : Tensors{out.features};
  }
  const Tensor x_ = normal({4, 2, 3}, 1), encoded_ = normal({3, 2, 5}, 2);
};

TEST_P(DecoderKinds, GradientsAreExact) {
  const AttentionDecoder decoder = make();
  const auto f = [&](const Tensors& in) {
    return with_parameters(decoder, Tensors(in.begin() + 2, in.end()), [&] { return run(decoder, in[0], in[1]); });
  };
  Tensors inputs{x_, encoded_};
  for (const Tensor& parameter : decoder.parameters()) inputs.push_back(parameter.clone());
  EXPECT_LT(gradient_error(f, inputs), 1e-6);
}

TEST_P(DecoderKinds, StepByStepIsTheWhole) {
  const AttentionDecoder decoder = make();
  const Tensors whole = run(decoder, x_, encoded_);
  const AttentionMemory memory = decoder.read(encoded_, {3, 2});
  DecoderState state = decoder.first_state(row(encoded_, 0), memory);
  Tensors features, weights;
  for (int64_t t = 0; t < 4; ++t) {
    const auto out = decoder(rows(x_, t, t + 1), state, memory, Mode::evaluation());
    features.push_back(out.features);
    if (decoder.attends()) weights.push_back(out.weights);
    state = out.state;
  }
  EXPECT_LT(relative_error(concat(features, 0), whole[0]), 1e-12);
  if (decoder.attends()) {
    EXPECT_LT(relative_error(concat(weights, 0), whole[1]), 1e-12);
  }
  EXPECT_EQ(whole[0].shape(), (Shape{4, 2, 6}));
}

TEST_P(DecoderKinds, RaggedTargetsAreEachAsAlone) {
  const AttentionDecoder decoder = make();
  const AttentionMemory memory = decoder.read(encoded_, {3, 2});
  const DecoderState first = decoder.first_state(row(encoded_, 0), memory);
  const auto both = decoder(x_, first, memory, Mode::evaluation(), {2, 4});
  const auto whole = decoder(x_, first, memory, Mode::evaluation());
  EXPECT_LT(relative_error(slice(rows(both.features, 0, 2), {1, 0}, 1), slice(rows(whole.features, 0, 2), {1, 0}, 1)),
            1e-12);
  EXPECT_LT(relative_error(slice(both.features, {1, 1}, 1), slice(whole.features, {1, 1}, 1)), 1e-12);
  const auto half = decoder(rows(x_, 0, 2), first, memory, Mode::evaluation());
  const Tensor ended = both.state.rnn.layers[0][0], alone = half.state.rnn.layers[0][0];
  EXPECT_LT(relative_error(rows(ended, 0, 1), rows(alone, 0, 1)), 1e-12);
  if (decoder.feeds()) {
    EXPECT_LT(relative_error(rows(both.state.fed, 0, 1), rows(half.state.fed, 0, 1)), 1e-12);
  }
  if (decoder.locates()) {
    EXPECT_LT(relative_error(rows(both.state.attended, 0, 1), rows(half.state.attended, 0, 1)), 1e-12);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, DecoderKinds,
    ::testing::Values(Kind{"none", "none", true, "gru"}, Kind{"general_fed", "general", true, "lstm"},
                      Kind{"general_fed_loop", "general", true, "lstm", 1},
                      Kind{"additive_fed_loop", "additive", true, "gru", 1}, Kind{"general", "general", false, "lstm"},
                      Kind{"additive_fed", "additive", true, "gru"}, Kind{"multi_head_fed", "multi_head", true, "gru"},
                      Kind{"multi_head", "multi_head", false, "rnn"},
                      Kind{"additive_located", "additive", true, "lstm", 1, 3},
                      Kind{"additive_located_sum", "additive", true, "lstm", 1, 3, true},
                      Kind{"general_located", "general", false, "gru", 2, 2},
                      Kind{"additive_gated", "additive", true, "lstm", 1, 0, false, true},
                      Kind{"general_gated", "general", false, "gru", 2, 0, false, true}),
    [](const auto& info) { return info.param.name; });

// The features that are added to the keys are those of the weights before: a step looks elsewhere by where the last
// did.
TEST(AttentionDecoder, WhereItLookedChangesWhereItLooks) {
  Random random(3);
  const AttentionDecoder decoder(
      {.rnn = {.input = 2, .hidden = 3}, .memory = 2, .attention = "additive", .input_feeding = false, .location = 3},
      random);
  const Tensor encoded = normal({4, 1, 2}, 4, DType::kF32), x = Tensor::ones({1, 1, 2});
  const AttentionMemory memory = decoder.read(encoded, {});
  DecoderState left = decoder.first_state(row(encoded, 0), memory), right = left;
  left.attended = Tensor::from(std::vector<float>{1, 0, 0, 0}, {1, 4});
  right.attended = Tensor::from(std::vector<float>{0, 0, 0, 1}, {1, 4});
  const auto a = decoder(x, left, memory, Mode::evaluation()), b = decoder(x, right, memory, Mode::evaluation());
  EXPECT_GT(relative_error(a.weights, b.weights), 1e-4);
  EXPECT_THROW(
      AttentionDecoder({.rnn = {.input = 2, .hidden = 4}, .memory = 2, .attention = "multi_head", .location = 3}),
      Error);
}

// Written out in PyTorch.
TEST(AttentionDecoder, LocatedIsTorchs) {
  const testing::Golden golden("speech_located");
  const Tensor weight = golden["weight.features"];
  AttentionDecoder decoder({.rnn = {.cell = "lstm", .input = 3, .hidden = 5},
                            .memory = 4,
                            .attention = "additive",
                            .units = 3,
                            .output = 4,
                            .location = 3,
                            .location_sum = true});
  decoder.to(DType::kF64);
  NamedTensors parameters;
  for (const NamedTensor& each : decoder.named_parameters()) {
    parameters.push_back({each.name, golden["param." + each.name]});
  }
  decoder.load_state(parameters);
  Tensor x = golden["input.x"], encoded = golden["input.encoded"];
  x.set_requires_grad();
  encoded.set_requires_grad();
  const AttentionMemory memory = decoder.read(encoded, golden.integers("lengths"));
  const auto out = decoder(x, decoder.first_state(golden["input.summary"], memory), memory, Mode::evaluation());
  EXPECT_LT(relative_error(out.features, golden["output.features"]), 1e-12);
  EXPECT_LT(relative_error(out.weights, golden["output.weights"]), 1e-12);
  sum(out.features * weight).backward();
  EXPECT_LT(relative_error(x.grad(), golden["grad.x"]), 1e-10);
  EXPECT_LT(relative_error(encoded.grad(), golden["grad.encoded"]), 1e-10);
  for (const NamedTensor& each : decoder.named_parameters()) {
    EXPECT_LT(relative_error(each.value.grad(), golden["grad." + each.name]), 1e-10) << each.name;
  }
}

TEST(AttentionDecoder, WhatIsFedChangesTheNextStep) {
  Random random(1);
  const AttentionDecoder decoder({.rnn = {.input = 2, .hidden = 3}, .memory = 2}, random);
  const Tensor encoded = Tensor::ones({2, 1, 2}), x = Tensor::ones({1, 1, 2});
  const AttentionMemory memory = decoder.read(encoded, {});
  DecoderState state = decoder.first_state(row(encoded, 0));
  const auto first = decoder(x, state, memory, Mode::evaluation());
  state.fed = Tensor::ones({1, 3});
  const auto other = decoder(x, state, memory, Mode::evaluation());
  EXPECT_GT(relative_error(other.features, first.features), 1e-3);
}

TEST(AttentionDecoder, GoesForwardsOnly) {
  EXPECT_ERROR(AttentionDecoder({.rnn = {.input = 2, .hidden = 3, .bidirectional = true}, .memory = 2}),
               "forwards only");
}

}  // namespace
}  // namespace recur
