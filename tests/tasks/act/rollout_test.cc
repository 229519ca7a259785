// Rollouts and their pieces: what the network computes of a piece is what it computed as it acted.
#include "recur/tasks/act/rollout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "recur/autograd/node.h"
#include "recur/tasks/act/act_defaults.h"
#include "recur/tasks/act/act_objective.h"
#include "recur/tasks/act/action_distribution.h"
#include "recur/tasks/act/rollout_player.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

struct Arena {
  ActOptions options;
  EnvironmentSpec spec;

  explicit Arena(const std::string& env, const std::string& cell = "lstm") {
    options.world.env = env;
    options.model.rnn.cell = cell;
    options.model.rnn.hidden = 6;
    options.model.encoder = {5};
    options.model.policy_layers = {4};
    options.model.value_layers = {3};
    options.learning.envs = 5;
    options.learning.rollout = 23;
    spec = make_environment(env)->spec();
    choose_defaults(options, spec);
  }
  ActModel model() const {
    Random random(1);
    return ActModel(options.model, spec, random);
  }
  BatchSizes sizes() const { return {spec.features, spec.actions.size(), DType::kF32}; }
};

std::vector<int64_t> all_pieces(const Rollout& rollout) {
  std::vector<int64_t> all(rollout.pieces.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
  return all;
}

class RolloutTest : public ::testing::TestWithParam<Arena> {};

TEST_P(RolloutTest, PiecesCoverEveryStepOnceAndSayWhatTheAgentSaid) {
  const Arena& arena = GetParam();
  ActModel model = arena.model();
  RolloutPlayer player(arena.options, 3);
  for (int k = 0; k < 3; ++k) {
    const Rollout rollout = player.play(model);
    std::set<size_t> seen;
    for (const Piece& piece : rollout.pieces) {
      for (int64_t t = 0; t < piece.steps; ++t)
        EXPECT_TRUE(seen.insert(rollout.row(piece.begin + t, piece.agent)).second);
    }
    EXPECT_EQ(std::ssize(seen), rollout.size());
    const autograd::NoGrad no_grad;
    const PieceBatch batch = batch_of(rollout, all_pieces(rollout), arena.sizes());
    EXPECT_EQ(batch.steps, rollout.size());
    const auto out = model(batch.x, batch.lengths, batch.state, Mode::evaluation());
    const Tensor log_p = log_probability(out.policy, model.log_deviation(), batch.drawn);
    for (int64_t i = 0; i < log_p.numel(); ++i) {
      if (batch.mask.data<float>()[i] == 0) continue;
      ASSERT_NEAR(log_p.data<float>()[i], batch.log_probabilities.data<float>()[i], 1e-4) << "rollout " << k;
      ASSERT_NEAR(out.values.data<float>()[i], batch.values.data<float>()[i], 1e-4);
    }
  }
}

std::vector<Arena> arenas() {
  std::vector<Arena> all{Arena("cart-pole:positions"), Arena("t-maze:2", "gru"), Arena("pendulum"),
                         Arena("cue-grid", "none")};
  all.push_back(Arena("cart-pole"));
  all.back().options.learning.bptt = 7;
  all.push_back(Arena("cart-pole"));
  all.back().options.world.episode_steps = 9;
  all.back().options.model.shared = false;
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, RolloutTest, ::testing::ValuesIn(arenas()));

TEST(Rollout, IsCutIntoGroupsOfAboutAsManySteps) {
  Rollout rollout{.steps = 10, .agents = 4};
  for (int64_t b = 0; b < 4; ++b) {
    rollout.pieces.push_back({.agent = b, .begin = 0, .steps = 3});
    rollout.pieces.push_back({.agent = b, .begin = 3, .steps = 7});
  }
  for (const int64_t groups : {1, 2, 3, 4, 8, 20}) {
    const auto got = groups_of(rollout, {7, 0, 5, 2, 1, 6, 3, 4}, groups);
    EXPECT_EQ(std::ssize(got), std::min<int64_t>(groups, 8));
    std::vector<int64_t> joined;
    for (const auto& group : got) {
      EXPECT_FALSE(group.empty());
      joined.insert(joined.end(), group.begin(), group.end());
    }
    EXPECT_EQ(joined, (std::vector<int64_t>{7, 0, 5, 2, 1, 6, 3, 4}));
  }
  const auto halves = groups_of(rollout, all_pieces(rollout), 2);
  EXPECT_EQ(halves[0].size(), 4u);
}

// A cut-off episode is worth what would have come, one that ended nothing: pole 1 falls, the others are cut off.
TEST(Rollout, ReturnsOfEpisodesThatWereCutOffReachBeyondTheirEnd) {
  Arena arena("cart-pole");
  arena.options.world.episode_steps = 4;
  arena.options.learning.gae = 1;
  arena.options.learning.discount = 0.5;
  arena.options.learning.normalize_rewards = false;
  ActModel model = arena.model();
  RolloutPlayer player(arena.options, 3);
  const Rollout rollout = player.play(model);
  for (const Piece& piece : rollout.pieces) {
    if (piece.steps < 4) continue;
    const float last = rollout.returns[rollout.row(piece.begin + 3, piece.agent)];
    EXPECT_NE(last, 1);  // 1 + half of the value beyond
    EXPECT_NEAR(last, 1, 0.6);
    EXPECT_NEAR(rollout.returns[rollout.row(piece.begin, piece.agent)],
                1 + 0.5 + 0.25 + 0.125 * static_cast<double>(last), 1e-4);
  }
}

// The objective by hand, of one step in a batch with padding.
TEST(ActObjective, IsThatOfThePaper) {
  Arena arena("t-maze:2");
  const auto row = [](std::initializer_list<float> values) { return Tensor::from(values, {2, 2}); };
  PieceBatch batch;
  batch.lengths = {2, 1};
  batch.steps = 3;
  batch.drawn = Tensor::from({0, 1, 2, 0}, {2, 2, 1});
  batch.log_probabilities = row({std::log(0.5f), std::log(0.1f), std::log(0.25f), 0});
  batch.values = row({0, 1, 2, 0});
  batch.returns = row({1, 3, 1, 0});
  batch.advantages = row({1, -2, 3, 0});
  batch.mask = row({1, 1, 1, 0});
  const ActModel::Output out{.policy = Tensor::zeros({2, 2, 4}), .values = row({0.5f, 1.5f, 2.5f, 9})};
  ActLearningOptions options = arena.options.learning;
  options.clip_range = 0.2;
  options.value_weight = 0.5;
  options.entropy = 0.01;
  // Ratios 0.5, 2.5 and 1.
  const double policy = -(0.5 * 1 + 2.5 * -2 + 1 * 3), value = 0.5 * (0.25 + 2.25 + 2.25);
  const double by_hand = policy / 3 + 0.5 * value / 3 - 0.01 * std::log(4);
  EXPECT_NEAR(act_objective(out, {}, batch, batch.advantages, options).item(), by_hand, 1e-5);
  options.value_clip = 0.1;  // values 0.1, 1.1 and 2.1
  const double held = 0.5 * (0.81 + 3.61 + 2.25);
  EXPECT_NEAR(act_objective(out, {}, batch, batch.advantages, options).item(), by_hand + 0.5 * (held - value) / 3,
              1e-5);
  options.algorithm = "a2c";
  const double plain = std::log(0.25) * -(1 - 2 + 3) / 3 + 0.5 * value / 3 - 0.01 * std::log(4);
  EXPECT_NEAR(act_objective(out, {}, batch, batch.advantages, options).item(), plain, 1e-5);
}

}  // namespace
}  // namespace recur
