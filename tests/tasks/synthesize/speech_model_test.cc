#include "recur/tasks/synthesize/speech_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/gradient_check.h"
#include "recur/autograd/node.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

SynthesizeOptions small_options() {
  SynthesizeOptions o;
  o.model = {.embedding = 3,
             .conv_layers = 1,
             .conv_kernel = 3,
             .rnn = {.hidden = 2, .bidirectional = true},
             .decoder_hidden = 3,
             .decoder_layers = 1,
             .prenet = 3,
             .prenet_dropout = 0,
             .attention_units = 3,
             .attention_location = 3,
             .reduction = 2,
             .postnet = 3,
             .postnet_layers = 2,
             .dropout = 0};
  return o;
}

SpeechModel small_model(SynthesizeOptions options = small_options()) {
  Random random(4);
  return {options, {.symbols = 5, .bands = 2}, random};
}

FrameRows frames_of(int64_t steps, uint64_t seed) {
  Random random(seed);
  FrameRows rows{.values = std::vector<float>(static_cast<size_t>(2 * steps)), .width = 2};
  random.normal(rows.values);
  return rows;
}

struct Texts {
  SpeechSymbols one{1, 2, 0, 4}, other{3, 4};
  FrameRows frames = frames_of(7, 1), few = frames_of(4, 2);
  std::vector<SpeechPair> pairs() const { return {{&one, &frames}, {&other, &few}}; }
};

TEST(SpeechModel, GradientsAreExact) {
  const Texts texts;
  SpeechModel model = small_model();
  model.to(DType::kF64);
  Tensors inputs;
  for (const Tensor& parameter : model.parameters()) inputs.push_back(parameter.clone());
  const auto f = [&](const Tensors& in) {
    return with_parameters(model, in,
                           [&] { return Tensors{model.losses(model.teach(texts.pairs(), Mode::evaluation()))}; });
  };
  EXPECT_LT(gradient_error(f, inputs), 1e-4);
}

TEST(SpeechModel, TextsOfABatchAreEachAsAlone) {
  const Texts texts;
  const SpeechModel model = small_model();
  const auto all = texts.pairs();
  const Tensor both = model.losses(model.teach(all, Mode::evaluation()));
  for (size_t b = 0; b < 2; ++b) {
    const Tensor alone = model.losses(model.teach(std::span(all).subspan(b, 1), Mode::evaluation()));
    EXPECT_NEAR(alone.item(), both.values<float>()[b], 1e-4);
  }
  const SpeechSymbols* const spoken[] = {&texts.one, &texts.other};
  const SpeakLimits limits{.frames_per_symbol = 2, .linger = 4};
  const auto together = model.speak(spoken, limits);
  for (size_t b = 0; b < 2; ++b) {
    const auto alone = model.speak(std::span(spoken).subspan(b, 1), limits);
    EXPECT_EQ(alone[0].ended, together[b].ended);
    ASSERT_EQ(alone[0].frames.values.size(), together[b].frames.values.size());
    for (size_t i = 0; i < alone[0].frames.values.size(); ++i) {
      ASSERT_NEAR(alone[0].frames.values[i], together[b].frames.values[i], 1e-4);
    }
    ASSERT_FALSE(together[b].weights.empty());
    EXPECT_EQ(std::ssize(together[b].weights.front()), b == 0 ? 4 : 2);
  }
}

// What was never trained does not know when to stop; it stops all the same.
TEST(SpeechModel, AlwaysEnds) {
  const Texts texts;
  const SpeechModel model = small_model();
  for (Tensor parameter : model.parameters()) {
    if (parameter.numel() == 1) parameter.data<float>()[0] = -50;  // the bias of the end
  }
  const SpeechSymbols* const spoken[] = {&texts.one};
  const auto out = model.speak(spoken, {.frames_per_symbol = 2, .linger = 1000});
  EXPECT_EQ(out[0].ended, "bound");
  EXPECT_LE(out[0].frames.steps(), 3 * 2 * 4 + 80 + 2 * 2);
}

TEST(SpeechModel, TheGuideLikesADiagonal) {
  SynthesizeOptions with = small_options(), without = small_options();
  without.learning.guide = 0;
  const SpeechModel model = small_model(with), plain = small_model(without);
  const Texts texts;
  const auto all = texts.pairs();
  const autograd::NoGrad no_grad;
  const auto loss = [&](bool forwards) {
    SpeechModel::Taught taught = model.teach(std::span(all).subspan(0, 1), Mode::evaluation());
    taught.weights = Tensor::zeros({4, 1, 4});
    for (int64_t u = 0; u < 4; ++u) taught.weights.data<float>()[u * 4 + (forwards ? u : 3 - u)] = 1;
    return model.losses(taught).item() - plain.losses(taught).item();
  };
  EXPECT_NEAR(loss(true), 0, 1e-5);
  EXPECT_GT(loss(false), 4);
}

}  // namespace
}  // namespace recur
