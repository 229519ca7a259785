// Learning to act as a whole: it learns what needs memory, goes on to the same bits, and its model files are checked.
#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/log.h"
#include "recur/base/random.h"
#include "recur/environments/environments.h"
#include "recur/tasks/act/act_task.h"
#include "recur/tasks/act/act_trained.h"
#include "recur/tasks/act/act_training.h"
#include "recur/train/run.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

std::unique_ptr<ActTask> make_act(const std::vector<std::string>& options) {
  auto task = std::make_unique<ActTask>();
  Config config;
  task->declare(config);
  for (const std::string& each : options) config.apply_override(each);
  return task;
}

double score_after(const std::vector<std::string>& options, int steps, std::string_view metric, double rate = 0.005) {
  const auto taught = teach(make_act(options), {}, 0);
  train_by_hand(*taught.training, steps, rate);
  return taught.trained().evaluate({}).at(metric);
}

// Only who remembers the sign turns the right way.
TEST(Act, FindsTheGoalWithMemoryAndNotWithout) {
  const std::vector<std::string> maze{"env=t-maze:4", "envs=16",  "rollout=32",   "hidden=16",
                                      "encoder=8",    "passes=4", "minibatches=2"};
  EXPECT_GT(score_after(maze, 320, "success_rate"), 0.95);
  auto without = maze;
  without.emplace_back("cell=none");
  EXPECT_LT(score_after(without, 320, "success_rate"), 0.75);
}

TEST(Act, A2cLearnsToo) {
  EXPECT_GT(score_after({"env=t-maze:2", "algorithm=a2c", "envs=16", "rollout=16", "hidden=16", "encoder=8"}, 300,
                        "success_rate", 0.01),
            0.95);
}

TEST(Act, LearnsActionsThatAreNumbers) {
  const std::vector<std::string> pendulum{"env=pendulum", "envs=8",        "rollout=100", "hidden=16",    "encoder=32",
                                          "cell=none",    "encoder=32,32", "passes=10",   "minibatches=4"};
  const double before = score_after(pendulum, 0, "return"), after = score_after(pendulum, 2400, "return", 0.002);
  EXPECT_LT(before, -900);
  EXPECT_GT(after, -500) << before;
}

TEST(Act, DefaultsAreChosenByEnvironmentAndKept) {
  const auto maze = teach(make_act({"env=t-maze:3"}), {}), pendulum = teach(make_act({"env=pendulum", "envs=2"}), {});
  EXPECT_TRUE(*maze.options().model.shared);
  EXPECT_FALSE(*pendulum.options().model.shared);
  EXPECT_EQ(*pendulum.options().learning.envs, 2);
  EXPECT_GT(*maze.training->default_rate(), 0);
  EXPECT_EQ(maze.training->default_epochs(), static_cast<double>(*maze.options().learning.env_steps) / 10000);
  EXPECT_FALSE(maze.training->may_end_early());
}

TEST(Act, AnEpochIsTenThousandSteps) {
  const auto taught = teach(make_act({"env=t-maze:3", "envs=10", "rollout=100", "passes=2", "minibatches=2"}), {});
  Training& training = *taught.training;
  EXPECT_EQ(training.epoch(), 0);
  int64_t examples = 0;
  for (int k = 1; k <= 8; ++k) {
    const TrainingStep step = training.step();
    examples += step.examples;
    EXPECT_EQ(step.ends_epoch, k % 4 == 0);
    EXPECT_NEAR(training.epoch(), 0.025 * k, 1e-9);
  }
  EXPECT_EQ(examples, 2000);
}

// Killed anywhere, within rollouts and between them, a run goes on to the same bits.
class ActResumed : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<recur::Run> run() const {
    auto run = std::make_unique<recur::Run>("act");
    for (const char* each : {"envs=3", "rollout=20", "hidden=5", "encoder=4", "minibatches=2", "passes=3", "steps=40",
                             "valid_episodes=2", "validate_every=9", "normalize_observations=true",
                             "normalize_rewards=true", "recurrent_dropout=0.1", "checkpoint_every=0s"}) {
      run->config().apply_override(each);
    }
    run->config().apply_override("env=" + GetParam());
    return run;
  }

  Scratch scratch_;
};

// Asks to stop after so many steps.
struct Stopper : TrainObserver {
  explicit Stopper(int64_t after) : left(after) {}
  void on_step(const StepReport&) override { flag = --left <= 0; }
  int64_t left;
  std::atomic<bool> flag = false;
};

// The first step's rate is that of the environment, unless one is given.
TEST(Act, ItsLearningRateIsChosenByEnvironment) {
  struct Rates : TrainObserver {
    void on_step(const StepReport& report) override { rates.push_back(report.rate); }
    std::vector<double> rates;
  };
  const Scratch scratch;
  const auto rate = [&](const std::vector<std::string>& more) {
    recur::Run run("act");
    for (const char* each :
         {"env=t-maze:2", "envs=2", "rollout=4", "hidden=3", "steps=1", "valid_episodes=0", "schedule=constant"})
      run.config().apply_override(each);
    for (const std::string& each : more) run.config().apply_override(each);
    Rates seen;
    run.train(scratch / "run", true, {.observer = &seen});
    return seen.rates.at(0);
  };
  EXPECT_FLOAT_EQ(rate({}), *teach(make_act({"env=t-maze:2"}), {}).training->default_rate());
  EXPECT_FLOAT_EQ(rate({"lr=0.25"}), 0.25);
}

TEST_P(ActResumed, GoesOnToTheSameBits) {
  run()->train(scratch_ / "whole");
  for (const int64_t stop : {1, 6, 17, 33}) {
    Stopper stopper(stop);
    run()->train(scratch_ / "parts", true, {.observer = &stopper, .stop = &stopper.flag});
    recur::Run::open(scratch_ / "parts")->resume();
    EXPECT_EQ(read_bytes(scratch_ / "parts/model.recur"), read_bytes(scratch_ / "whole/model.recur")) << stop;
  }
}

std::vector<std::string> resumed_in() {
  return {"cart-pole", "pendulum:positions", "t-maze:4", "repeat-previous", "cue-grid"};
}
INSTANTIATE_TEST_SUITE_P(All, ActResumed, ::testing::ValuesIn(resumed_in()));

TEST(Act, EvaluationIsTheSameForAnyNumberSideBySide) {
  const auto taught = teach(make_act({"env=cart-pole:positions", "envs=2", "rollout=8", "hidden=5"}), {}, 3);
  for (const bool sample : {false, true}) {
    std::vector<std::string> said;
    for (const char* batch : {"eval_batch=1", "eval_batch=7", "eval_batch=500"}) {
      const auto trained =
          with_use(taught.trained(), {batch, "eval_episodes=30", sample ? "sample=true" : "sample=false"});
      Kept rows;
      const Evaluation result = trained->evaluate({}, &rows);
      std::string text;
      for (const Metric& each : result.metrics) text += fmt::format("{} {:a}\n", each.name, each.value);
      said.push_back(text);
      EXPECT_EQ(result.at("episodes"), 30);
      EXPECT_GE(result.at("return_highest"), result.at("return"));
    }
    EXPECT_EQ(said[0], said[1]);
    EXPECT_EQ(said[0], said[2]);
  }
}

TEST(Act, PredictionWritesEveryStep) {
  const auto taught = teach(make_act({"env=t-maze:3", "envs=2", "rollout=8", "hidden=5"}), {}, 3);
  Kept rows, rows_again;
  with_use(taught.trained(), {"eval_episodes=2", "sample=true"})->predict({}, rows);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"episode", "step", "seen_1", "seen_2", "seen_3", "action",
                                                    "probability", "value", "reward", "end"}));
  EXPECT_EQ(rows.numbers("episode").front(), 1);
  EXPECT_EQ(rows.numbers("episode").back(), 2);
  for (const double p : rows.numbers("probability")) {
    EXPECT_GT(p, 0);
    EXPECT_LE(p, 1);
  }
  EXPECT_TRUE(std::get<std::string>(rows.rows().back().back()).starts_with("t"));
  EXPECT_ERROR(taught.trained().predict({DataFile("x.csv")}, rows_again), "reads no files");
}

TEST(Act, PlaysInAnotherEnvironmentOfTheSameSpaces) {
  const auto taught = teach(make_act({"env=t-maze:3", "envs=2", "rollout=8", "hidden=5"}), {}, 1);
  EXPECT_GE(with_use(taught.trained(), {"eval_env=t-maze:1"})->evaluate({}).at("episodes"), 100);
  EXPECT_ERROR(with_use(taught.trained(), {"eval_env=cart-pole"})->evaluate({}),
               "the model expects 3 features; 4 choices, got 4 features; 2 choices");
}

TEST(Act, WhatCannotBeIsRefused) {
  const auto refused = [](const std::vector<std::string>& options, const std::string& why) {
    EXPECT_ERROR(make_act(options)->train({}, {}), why);
  };
  refused({}, "env: expected an environment, one of t-maze:LENGTH, ");
  refused({"env=nowhere"}, "unknown environment 'nowhere'");
  refused({"env=t-maze", "cell=none", "encoder=[]"}, "encoder: expected at least one layer");
  refused({"env=t-maze", "cell=none", "cells=lstm"}, "cells: expected none");
  refused({"env=t-maze", "algorithm=a2c", "passes=2"}, "passes: a2c makes one pass");
  EXPECT_ERROR(make_act({"env=t-maze"})->train({.files = {DataFile("x")}}, {}), "reads no files, got x");
  EXPECT_ERROR(make_act({"env=t-maze"})->train({.held_out = 0.1}, {}), "holds out nothing");
}

// A model's file is not to say what runs on this machine.
TEST(Act, AFileDoesNotMakeAProgramRun) {
  auto options = make_act({"env=command:touch /tmp/never", "eval_env=command:touch /tmp/never", "shared=true",
                           "normalize_observations=false"});
  const Assets assets{{"spaces", R"({"features":3,"choices":4})"}};
  const auto trained = options->restore(assets, 1 << 20);
  EXPECT_ERROR(trained->evaluate({}), "set --eval-env to the program to run");
  EXPECT_ERROR(trained->clone()->evaluate({}), "set --eval-env to the program to run");
}

TEST(Act, DamagedFilesAreRefused) {
  const auto refused = [](const std::string& spaces, int64_t elements, const std::string& why) {
    const auto task = make_act({"env=t-maze", "shared=true", "normalize_observations=false"});
    EXPECT_ERROR(task->restore({{"spaces", spaces}}, elements), why);
  };
  refused("{", 1 << 20, "the asset 'spaces' is damaged");
  refused(R"({"features":0,"choices":4})", 1 << 20, "cannot be");
  refused(R"({"features":3})", 1 << 20, "the asset 'spaces' is damaged");
  refused(R"({"features":3,"low":[1],"high":[0]})", 1 << 20, "low < high");
  refused(R"({"features":1000000,"choices":4})", 1000, "need a model of at least");
  EXPECT_ERROR(make_act({})->restore({{"spaces", R"({"features":3,"choices":4})"}}, 1 << 20), "the options lack");
  EXPECT_ERROR(make_act({})->restore({}, 1), "lacks 'spaces'");
  const EnvironmentSpec spec{.features = 2,
                             .actions = {.low = {-1, -std::numeric_limits<double>::infinity()}, .high = {1, 3}}};
  EXPECT_EQ(parse_spec(spec_text(spec)), spec);
}

// A program whose episodes are not determined by their seeds: a resumed run says so and goes on.
TEST(Act, AResumedRunOfAnEnvironmentWithAMindOfItsOwnGoesOnWithAWarning) {
  const Scratch scratch;
  const auto world =
      scratch.put("world.sh",
                  "echo '{\"observation\": {\"size\": 1}, \"action\": {\"n\": 2}}'\nn=0\n"
                  "while read -r line; do n=$((n + $$ % 7 + 1))\n"
                  "echo \"{\\\"observation\\\": [$n], \\\"reward\\\": 1, \\\"terminated\\\": false}\"; done\n");
  recur::Run run("act");
  for (const std::string& each :
       {"env=command:sh '" + world.string() + "'", std::string("envs=2"), std::string("rollout=4"),
        std::string("hidden=3"), std::string("minibatches=1"), std::string("passes=1"), std::string("steps=3"),
        std::string("valid_episodes=1"), std::string("episode_steps=7"), std::string("validate_every=100")}) {
    run.config().apply_override(each);
  }
  run.train(scratch / "run");
  auto again = recur::Run::open(scratch / "run");
  again->config().apply_override("steps=6");
  std::string said;
  const LogSink before = set_log_sink([&](LogLevel, std::string_view text) { said += text; });
  again->resume();
  set_log_sink(before);
  EXPECT_NE(said.find("are not determined by their seeds"), said.npos) << said;
}

}  // namespace
}  // namespace recur
