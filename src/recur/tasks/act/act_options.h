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
      "Cut off episodes after this many steps; default: that of the environment, 10000 if it is another program",
      Range{1, 1e9});
    v("env_timeout", timeout, "Maximum time to wait for the answer of an environment that is another program",
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
    cells.emplace_back("none");
    visit_layers(v, rnn, Reading::kForwards, OneOf(std::move(cells)));
    v("encoder", encoder, "Units of each layer (tanh) between observation and recurrent layers; empty: none", size);
    v("policy_layers", policy_layers, "Units of each layer (tanh) before the policy's output", size);
    v("value_layers", value_layers, "Units of each layer (tanh) before the value's output", size);
    v("shared", shared,
      "Policy and value share encoder and recurrent layers; default: yes with choices as actions, no with numbers");
    v("memory_steps", memory_steps,
      "Steps that the recurrent layers are initialised to remember: logarithms of numbers from 1 to this are added to "
      "the biases of the forget gates; 0: nothing is added; default by environment",
      Range{0, 1e9});
    v("bounds", bounds, "How continuous actions are kept within their limits (Gaussian policy): clip or tanh",
      OneOf{"clip", "tanh"});
    v("normalize_observations", normalize_observations,
      "Normalise observations by their running mean and standard deviation, which are stored in the model; default by "
      "environment");
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
      "Environment steps to learn from, if epochs, steps and time are not set; an epoch is 10000 of them; default by "
      "environment",
      Range{1, 1e15});
    v("envs", envs, "B, number of parallel environments; default by environment", Range{1, 1 << 16});
    v("rollout", rollout, "T, steps of each environment between updates; default by environment", Range{1, 1 << 20});
    v("passes", passes, "Passes over the steps of a rollout (ppo); default by environment", Range{1, 1000});
    v("minibatches", minibatches, "Updates in a pass (ppo), each on whole parts of episodes; default by environment",
      Range{1, 1 << 16});
    v("bptt", bptt,
      "T of truncated back-propagation: cut parts of episodes after this many steps, with the state carried over; 0: "
      "not within a rollout",
      Range{0, 1 << 20});
    v("discount", discount, "Discount factor of rewards per step; default by environment", fraction);
    v("gae", gae, "Lambda of generalised advantage estimation (Schulman et al. 2016); default by environment",
      fraction);
    v("clip_range", clip_range, "Range to which the probability ratio is clipped around 1 (ppo)",
      Range{.min = 0, .max = 1e3, .open_min = true});
    v("value_clip", value_clip, "Range to which a value is clipped around that of the rollout (ppo); 0: no clipping",
      weight);
    v("value_weight", value_weight, "Weight of the value's squared error", weight);
    v("entropy", entropy, "Weight of the policy's entropy; default by environment", weight);
    v("normalize_advantages", normalize_advantages,
      "Normalise the advantages of an update to mean 0 and standard deviation 1");
    v("normalize_rewards", normalize_rewards,
      "Divide rewards by the running standard deviation of their discounted sum; default by environment");
    v("valid_episodes", valid_episodes,
      "Number of episodes of a validation; 0: no validation; default 20, or 5 if the environment is another program",
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
    v("eval_env", env, "Environment to play in, such as a longer maze; empty: that of training");
    v("eval_episodes", episodes, "Episodes to play; default 100 to evaluate, 1 to predict", Range{1, 1e9});
    v("eval_seed", seed, "Seed of the episodes");
    v("sample", sample, "Draw actions from the policy instead of taking the most probable one");
    v("eval_batch", batch, "Number of parallel environments; does not change results", Range{1, 1 << 16});
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
