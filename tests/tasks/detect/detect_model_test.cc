// What must hold of the networks whatever their parameters.
#include "recur/tasks/detect/detect_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using Numbers = std::vector<double>;

constexpr int64_t T = 5, B = 3, F = 2, O = 2;
const std::vector<int64_t> kLengths{5, 1, 3};

DetectModelOptions model_options(const std::string& method, bool bidirectional = false) {
  DetectModelOptions options;
  options.method = method;
  options.rnn.hidden = 4;
  options.rnn.bidirectional = bidirectional;
  options.code = 3;
  return options;
}

DetectModel make(const DetectModelOptions& options, int64_t outputs = O) {
  Random random(5);
  return DetectModel(options, {.features = F, .outputs = outputs}, random);
}

WindowBatch some_batch() { return {.x = normal({T, B, F}, 1, DType::kF32), .lengths = kLengths}; }

Numbers numbers(const Tensor& t) {
  const Tensor wide = t.detach().clone(DType::kF64);
  const auto values = wide.values<double>();
  return {values.begin(), values.end()};
}

Numbers run(const DetectModel& model, const WindowBatch& batch) {
  return numbers(model(batch, {.mode = Mode::evaluation()}).y);
}

// Of sequence b, step by step.
Numbers of_sequence(const Numbers& y, int64_t b) {
  Numbers out;
  for (int64_t t = 0; t < kLengths[b]; ++t)
    for (int64_t o = 0; o < O; ++o) out.push_back(y[(t * B + b) * O + o]);
  return out;
}

class EveryMethod : public ::testing::TestWithParam<const char*> {};

TEST_P(EveryMethod, AWindowSaysTheSameAloneAndBesideOthers) {
  for (const bool both : {false, true}) {
    DetectModel model = make(model_options(GetParam(), both));
    const WindowBatch batch = some_batch();
    const Numbers together = run(model, batch), x = numbers(batch.x);
    for (int64_t b = 0; b < B; ++b) {
      std::vector<float> own;
      for (int64_t t = 0; t < kLengths[b]; ++t)
        for (int64_t f = 0; f < F; ++f) own.push_back(static_cast<float>(x[(t * B + b) * F + f]));
      const Numbers alone = run(model, {.x = Tensor::from(own, {kLengths[b], 1, F}), .lengths = {kLengths[b]}});
      const Numbers want = of_sequence(together, b);
      ASSERT_EQ(alone.size(), want.size());
      for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(alone[i], want[i], 1e-6) << b;
    }
  }
}

TEST_P(EveryMethod, WhatStandsInThePaddingIsNotLookedAt) {
  DetectModel model = make(model_options(GetParam(), true));
  WindowBatch batch = some_batch();
  const Numbers before = run(model, batch);
  for (int64_t t = 0; t < T; ++t)
    for (int64_t b = 0; b < B; ++b)
      for (int64_t f = 0; f < F && t >= kLengths[b]; ++f) batch.x.data<float>()[(t * B + b) * F + f] = 1e6;
  const Numbers after = run(model, batch);
  for (int64_t b = 0; b < B; ++b) EXPECT_EQ(of_sequence(before, b), of_sequence(after, b));
}

TEST_P(EveryMethod, GradientsOfEveryParameterAreRight) {
  DetectModel model = make(model_options(GetParam()));
  model.to(DType::kF64);
  const WindowBatch batch = some_batch();
  const Tensor weights = normal({T, B, O}, 7);
  const auto loss = [&] { return sum(model(batch, {.mode = Mode::evaluation()}).y * weights); };
  NamedTensors state = model.named_parameters();
  const Tensors gradients = grad({loss()}, model.parameters());
  constexpr double kStep = 1e-6;
  for (size_t p = 0; p < state.size(); ++p) {
    const Numbers analytic = numbers(gradients[p]), values = numbers(state[p].value);
    for (size_t i = 0; i < values.size(); ++i) {
      const auto with = [&](double value) {
        state[p].value.data<double>()[i] = value;
        return loss().item();
      };
      const double above = with(values[i] + kStep), below = with(values[i] - kStep);
      state[p].value.data<double>()[i] = values[i];
      EXPECT_NEAR(analytic[i], (above - below) / (2 * kStep), 1e-6) << state[p].name << ' ' << i;
    }
  }
}

TEST_P(EveryMethod, DropsInTrainingOnly) {
  DetectModelOptions options = model_options(GetParam());
  options.dropout = 0.5f;
  const DetectModel model = make(options);
  Random random(1);
  const auto once = [&](Mode mode) { return numbers(model(some_batch(), {.mode = mode}).y); };
  EXPECT_EQ(once(Mode::evaluation()), once(Mode::evaluation()));
  EXPECT_NE(once(Mode::training(random)), once(Mode::training(random)));
}

TEST_P(EveryMethod, CheckSizeAsksForNoMoreThanAModelHas) {
  for (const bool both : {false, true}) {
    DetectModelOptions options = model_options(GetParam(), both);
    for (const int64_t code : {0, 1, 7}) {
      options.code = code;
      const int64_t count = make(options).parameter_count();
      EXPECT_NO_THROW(check_size(options, {.features = F, .outputs = O}, count));
      EXPECT_ERROR(check_size(options, {.features = F, .outputs = O}, 5), "at least");
    }
  }
}
INSTANTIATE_TEST_SUITE_P(All, EveryMethod, ::testing::Values("forecast", "reconstruct", "classify"));

// Which steps of the output differ when step `changed` of a window does.
std::vector<int64_t> steps_that_see(DetectModel& model, int64_t changed) {
  WindowBatch batch{.x = normal({T, 1, F}, 2, DType::kF32), .lengths = {T}};
  const Numbers before = run(model, batch);
  batch.x.data<float>()[changed * F] += 1;
  const Numbers after = run(model, batch);
  std::vector<int64_t> seen;
  for (int64_t t = 0; t < T; ++t) {
    if (before[t * O] != after[t * O]) seen.push_back(t);
  }
  return seen;
}

TEST(DetectModel, ACausalOneSeesNothingOfWhatComesLater) {
  using ::testing::ElementsAre;
  for (const char* method : {"forecast", "classify"}) {
    DetectModel model = make(model_options(method));
    EXPECT_TRUE(model.is_causal());
    EXPECT_THAT(steps_that_see(model, 2), ElementsAre(2, 3, 4));
  }
  DetectModel both = make(model_options("classify", true)), whole = make(model_options("reconstruct"));
  EXPECT_FALSE(both.is_causal());
  EXPECT_FALSE(whole.is_causal());
  EXPECT_THAT(steps_that_see(both, 2), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(steps_that_see(whole, 4), ElementsAre(0, 1, 2, 3, 4));
}

TEST(DetectModel, ACausalOneGoesOnFromItsState) {
  DetectModel model = make(model_options("forecast"));
  const Tensor x = normal({T, 1, F}, 2, DType::kF32);
  const Numbers whole = run(model, {.x = x, .lengths = {T}});
  const auto part = [&](int64_t begin, int64_t end) {
    const auto values = x.values<float>().subspan(begin * F, (end - begin) * F);
    return WindowBatch{.x = Tensor::from(values, {end - begin, 1, F}), .lengths = {end - begin}};
  };
  const RecurrentOutput first = model(part(0, 2), {.mode = Mode::evaluation()});
  const Numbers rest = numbers(model(part(2, T), {.state = first.state, .mode = Mode::evaluation()}).y);
  for (size_t i = 0; i < rest.size(); ++i) EXPECT_NEAR(rest[i], whole[2 * O + i], 1e-6);
}

TEST(DetectModel, WindowsOfOneCodeAreReconstructedTheSame) {
  DetectModel model = make(model_options("reconstruct"));
  for (NamedTensor& each : model.named_parameters()) {
    if (each.name == "code.weight") each.value.copy_from(Tensor::zeros(each.value.shape()));
  }
  // All that the decoder knows of a window is its code, now the bias alone.
  const Numbers y = run(model, {.x = normal({T, 2, F}, 2, DType::kF32), .lengths = {T, T}});
  for (int64_t t = 0; t < T; ++t)
    for (int64_t o = 0; o < O; ++o) EXPECT_EQ(y[t * 2 * O + o], y[(t * 2 + 1) * O + o]);
}

TEST(DetectModel, ACodeIsAnEighthOfTheHiddenUnitsAndOneAtLeast) {
  const auto width = [](int64_t hidden) {
    DetectModelOptions options = model_options("reconstruct");
    options.code = 0;
    options.rnn.hidden = hidden;
    const DetectModel model = make(options);
    for (const NamedTensor& each : model.named_parameters()) {
      if (each.name == "code.bias") return each.value.numel();
    }
    return int64_t{-1};
  };
  EXPECT_EQ(width(3), 1);
  EXPECT_EQ(width(16), 2);
  EXPECT_EQ(width(31), 3);
}

TEST(DetectModel, HasACodeAndADecoderForReconstructionAlone) {
  const auto names = [](const char* method) {
    std::string all;
    for (const NamedTensor& each : make(model_options(method)).named_parameters()) all += each.name + " ";
    return all;
  };
  EXPECT_THAT(names("reconstruct"), ::testing::AllOf(::testing::HasSubstr("code."), ::testing::HasSubstr("decoder.")));
  for (const char* method : {"forecast", "classify"}) {
    EXPECT_THAT(names(method), ::testing::Not(::testing::HasSubstr("code.")));
    EXPECT_THAT(names(method), ::testing::Not(::testing::HasSubstr("decoder.")));
  }
}

TEST(DetectModel, CheckSizeRefusesSizesThatWouldOverflow) {
  DetectModelOptions options = model_options("reconstruct");
  options.code = int64_t{1} << 62;
  EXPECT_ERROR(check_size(options, {.features = F, .outputs = O}, int64_t{1} << 50), "at least");
  options = model_options("forecast");
  EXPECT_ERROR(check_size(options, {.features = F, .outputs = int64_t{1} << 62}, int64_t{1} << 50), "at least");
}

}  // namespace
}  // namespace recur
