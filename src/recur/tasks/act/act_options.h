// The options of learning to act.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/recurrent_options.h"

namespace recur {

// Where the agent acts.
struct ActWorldOptions {
  std::string env;
  std::optional<int64_t> episode_steps = {};
  Seconds timeout{60};

  template <class Visitor>
  void visit(Visitor& v) {
    v("env", env,
      "Environment, such as t-maze:70, cart-pole:positions or 'command:python3 my_env.py'; docs/act.md lists them");
    v("episode_steps", episode_steps,
      "Cut episodes off after this many steps; default: as the environment does, and 10000 where it is another program",
      Range{1, 1e9});
    v("env_timeout", timeout, "Longest time to wait for an answer of an environment that is another program",
      Range{.min = 0, .max = 1e9, .open_min = true});
  }
};

struct ActModelOptions {
  RecurrentOptions rnn{.hidden = 64};
  std::vector<int64_t> encoder = {64};
  std::vector<int64_t> policy_layers = {};
  std::vector<int64_t> value_layers = {};
  std::optional<bool> shared = {};
  std::optional<int64_t> memory_steps = {};
  std::string bounds = "clip";
  std::optional<bool> normalize_observations = {};

  bool has_memory() const { return rnn.cell != "none"; }

  template <class Visitor>
  void visit(Visitor& v) {
    const Range size{1, 1 << 20};
    std::vector<std::string> cells = one_of_cells().choices;
    cells.push_back("none");
    visit_layers(v, rnn, Reading::kForwards, OneOf(std::move(cells)));
    v("encoder", encoder, "Units of each layer (tanh) between observation and recurrent layers; empty: none", size);
    v("policy_layers", policy_layers, "Units of each layer (tanh) before the policy's output", size);
    v("value_layers", value_layers, "Units of each layer (tanh) before the value's output", size);
    v("shared", shared,
      "Policy and value share encoder and recurrent layers; default: yes with choices as actions, no with numbers");
    v("memory_steps", memory_steps,
      "Steps that recurrent layers remember before they have learnt: added to the biases of forget gates are "
      "logarithms "
      "of numbers from 1 to this; 0: nothing is added; default by environment",
      Range{0, 1e9});
    v("bounds", bounds, "How actions of numbers are held within their limits (Gaussian policy): clip or tanh",
      OneOf{"clip", "tanh"});
    v("normalize_observations", normalize_observations,
      "Scale observations by their running mean and deviation, which the model keeps; default by environment");
  }
};

struct ActLearningOptions {
  std::string algorithm = "ppo";
  std::optional<int64_t> env_steps = {};
  std::optional<int64_t> envs = {};
  std::optional<int64_t> rollout = {};
  std::optional<int64_t> passes = {};
  std::optional<int64_t> minibatches = {};
  int64_t bptt = 0;
  std::optional<double> discount = {};
  std::optional<double> gae = {};
  double clip_range = 0.2;
  double value_clip = 0;
  double value_weight = 0.5;
  std::optional<double> entropy = {};
  bool normalize_advantages = true;
  std::optional<bool> normalize_rewards = {};
  std::optional<int64_t> valid_episodes = {};

  template <class Visitor>
  void visit(Visitor& v) {
    const Range fraction{0, 1}, weight{0, 1e6};
    v("algorithm", algorithm,
      "ppo: proximal policy optimisation (Schulman et al. 2017); a2c: advantage actor-critic (Mnih et al. 2016)",
      OneOf{"ppo", "a2c"});
    v("env_steps", env_steps,
      "Environment steps to learn from, without epochs, steps and time; an epoch is 10000 of them; default by "
      "environment",
      Range{1, 1e15});
    v("envs", envs, "B, environments side by side; default by environment", Range{1, 1 << 16});
    v("rollout", rollout, "T, steps of each environment between updates; default by environment", Range{1, 1 << 20});
    v("passes", passes, "Passes over the steps of a rollout (ppo); default by environment", Range{1, 1000});
    v("minibatches", minibatches, "Updates in a pass (ppo), each of whole pieces of episodes; default by environment",
      Range{1, 1 << 16});
    v("bptt", bptt,
      "Cut pieces of episodes after this many steps of back-propagation; the state is carried over; 0: not within a "
      "rollout",
      Range{0, 1 << 20});
    v("discount", discount, "Discount of rewards a step later; default by environment", fraction);
    v("gae", gae, "Lambda of generalised advantage estimation (Schulman et al. 2016); default by environment",
      fraction);
    v("clip_range", clip_range, "How far a probability ratio counts from 1 (ppo)",
      Range{.min = 0, .max = 1e3, .open_min = true});
    v("value_clip", value_clip, "How far a value counts from what it was in the rollout (ppo); 0: any distance",
      weight);
    v("value_weight", value_weight, "Weight of the value's squared error", weight);
    v("entropy", entropy, "Weight of the policy's entropy; default by environment", weight);
    v("normalize_advantages", normalize_advantages, "Advantages of an update have mean 0 and deviation 1");
    v("normalize_rewards", normalize_rewards,
      "Divide rewards by the running deviation of their discounted sum; default by environment");
    v("valid_episodes", valid_episodes,
      "Episodes that a validation plays; 0: no validation; default 20, and 5 where the environment is another program",
      Range{0, 1e9});
  }
};

// Options of prediction and evaluation.
struct ActUseOptions {
  std::string env;
  std::optional<int64_t> episodes = {};
  uint64_t seed = 1;
  bool sample = false;
  int64_t batch = 16;

  template <class Visitor>
  void visit(Visitor& v) {
    v("eval_env", env, "Environment to play in, such as a longer maze; empty: the one that was learnt in");
    v("eval_episodes", episodes, "Episodes to play; default 100 to evaluate, 1 to predict", Range{1, 1e9});
    v("eval_seed", seed, "Seed of the episodes");
    v("sample", sample, "Draw actions from the policy instead of taking the most probable one");
    v("eval_batch", batch, "Environments side by side; does not change results", Range{1, 1 << 16});
  }
};

struct ActOptions {
  ActWorldOptions world;
  ActModelOptions model;
  ActLearningOptions learning;
  ActUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Environment", world);
    v.section("Model", model);
    v.section("Learning to act", learning);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
