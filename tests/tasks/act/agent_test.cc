// An agent step by step computes what the network computes of whole sequences.
#include "recur/tasks/act/agent.h"

#include <gtest/gtest.h>

#include "recur/autograd/node.h"
#include "recur/tasks/act/act_defaults.h"

namespace recur {
namespace {

constexpr int64_t kAgents = 3, kFeatures = 4;

ActModel model_of(ActModelOptions options) {
  const EnvironmentSpec spec{.features = kFeatures, .actions = {.choices = 5}};
  ActOptions all;
  all.model = std::move(options);
  choose_defaults(all, spec);
  Random random(1);
  return ActModel(all.model, spec, random);
}

std::vector<ActModelOptions> all_options() {
  std::vector<ActModelOptions> all(5);
  for (ActModelOptions& each : all) each.rnn.hidden = 7;
  all[1].rnn.cell = "gru";
  all[1].rnn.layers = 2;
  all[1].encoder = {};
  all[1].shared = false;
  all[2].rnn.cell = "none";
  all[2].encoder = {6, 9};
  all[3].policy_layers = {8, 3};
  all[3].value_layers = {20};
  all[4].rnn.cell = "lstm";
  all[4].normalize_observations = true;
  return all;
}

class AgentTest : public ::testing::TestWithParam<size_t> {};

TEST_P(AgentTest, ComputesTheSequenceStepByStep) {
  constexpr int64_t kSteps = 6;
  ActModel model = model_of(all_options()[GetParam()]);
  const std::vector<double> mean{0.1, 0.2, -0.3, 0}, deviation{1, 2, 0.5, 1};
  model.set_scale(mean, deviation);
  Random random(2);
  std::vector<float> seen(kSteps * kAgents * kFeatures), scaled(seen.size());
  random.normal(std::span(seen));
  model.normalize(seen, scaled);
  for (const DType dtype : {DType::kF32, DType::kF64}) {
    model.to(dtype);
    const autograd::NoGrad no_grad;
    const Tensor x = Tensor::from(scaled, {kSteps, kAgents, kFeatures}).clone(dtype);
    const auto out = model(x, {}, {}, Mode::evaluation());
    const Tensor policy = out.policy.clone(DType::kF32), values = out.values.clone(DType::kF32);
    Agent agent(model, kAgents);
    std::vector<float> got(kAgents * 5), got_values(kAgents), other(5), other_value(1);
    Agent fork(model, kAgents), alone(model, 1);
    for (int64_t t = 0; t < kSteps; ++t) {
      const auto at =
          std::span<const float>(seen).subspan(static_cast<size_t>(t * kAgents * kFeatures), kAgents * kFeatures);
      agent.step(at, got, got_values);
      alone.step(at.subspan(2 * kFeatures), other, other_value);
      for (int64_t i = 0; i < std::ssize(got); ++i) {
        ASSERT_NEAR(got[static_cast<size_t>(i)], policy.data<float>()[t * kAgents * 5 + i], 1e-5);
      }
      for (int64_t b = 0; b < kAgents; ++b) {
        ASSERT_NEAR(got_values[static_cast<size_t>(b)], values.data<float>()[t * kAgents + b], 1e-5);
      }
      ASSERT_NEAR(other_value[0], got_values[2], 1e-5);
      if (t == 2) fork = agent;
    }
    // From a state that was kept, and from zeros for one of them.
    std::vector<float> again(got.size()), again_values(kAgents);
    fork.set_state(fork.state());
    for (int64_t t = 3; t < kSteps; ++t) {
      fork.step(std::span<const float>(seen).subspan(static_cast<size_t>(t * kAgents * kFeatures), kAgents * kFeatures),
                again, again_values);
    }
    EXPECT_EQ(again, got);
    agent.reset(1);
    const AgentState one = agent.state(1);
    for (const Tensors& layer : one.layers) {
      for (const Tensor& part : layer) {
        for (const float each : part.clone(DType::kF32).values<float>()) EXPECT_EQ(each, 0);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, AgentTest, ::testing::Range(size_t{0}, size_t{5}));

}  // namespace
}  // namespace recur
