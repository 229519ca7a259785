#include "recur/tasks/act/rollout_player.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/tasks/act/action_distribution.h"
#include "recur/tasks/act/advantages.h"
#include "recur/tasks/act/state_parts.h"

namespace recur {
namespace {

constexpr int64_t kReturnsKept = 100;
constexpr uint64_t kEpisodeStream = 16, kDrawingStream = 17;
constexpr double kMostReward = 10;  // normalised

ActorOptions actors_of(const ActOptions& options) {
  return {.env = options.world.env,
          .count = *options.learning.envs,
          .most_steps = options.world.episode_steps.value_or(0),
          .environment = {.timeout = options.world.timeout}};
}

template <class T>
std::span<T> row_of(std::vector<T>& all, size_t row, int64_t width) {
  return std::span(all).subspan(row * static_cast<size_t>(width), static_cast<size_t>(width));
}

}  // namespace

RolloutPlayer::RolloutPlayer(const ActOptions& options, uint64_t seed)
    : options_(options),
      actors_(actors_of(options), Random(seed, kEpisodeStream)),
      drawing_(seed, kDrawingStream),
      seen_(actors_.spec().features),
      gains_(1),
      gain_(static_cast<size_t>(actors_.count())) {}

Rollout RolloutPlayer::play(ActModel& model) {
  Agent agent(model, actors_.count());
  if (carried_.defined()) agent.set_state(carried_);
  Rollout rollout{.steps = *options_.learning.rollout, .agents = actors_.count()};
  const auto rows = static_cast<size_t>(rollout.size()), agents = static_cast<size_t>(rollout.agents);
  const auto features = static_cast<size_t>(spec().features), drawn = static_cast<size_t>(spec().actions.size());
  rollout.observations.resize(rows * features);
  rollout.drawn.resize(rows * drawn);
  rollout.log_probabilities.resize(rows);
  rollout.values.resize(rows);
  course_ = {.seen = std::vector<float>(rows * features),
             .rewards = std::vector<double>(rows),
             .after = std::vector<double>(rows),
             .ends = std::vector<uint8_t>(rows)};
  turn_ = {.policy = std::vector<float>(agents * static_cast<size_t>(agent.policy_size())),
           .values = std::vector<float>(agents),
           .drawn = std::vector<float>(agents * drawn),
           .actions = std::vector<float>(agents * drawn)};
  for (int64_t t = 0; t < rollout.steps; ++t) {
    begin_pieces(agent, t, rollout);
    decide(agent, t, rollout);
    actors_.step(turn_.actions);
    take_outcomes(agent, t, rollout);
  }
  value_what_came_after(agent, rollout);
  carried_ = agent.state();
  if (*options_.learning.normalize_rewards) scale_rewards(rollout);
  estimate(rollout);
  if (*options_.model.normalize_observations) {
    seen_.add(course_.seen);
    model.set_scale(seen_.mean(), seen_.deviation());
  }
  return rollout;
}

// A piece begins with the rollout, with an episode, and where back-propagation is cut.
void RolloutPlayer::begin_pieces(const Agent& agent, int64_t t, Rollout& rollout) const {
  const int64_t most = options_.learning.bptt;
  for (int64_t b = 0; b < rollout.agents; ++b) {
    const bool fresh = actors_.steps_of_episode(b) == 0;
    const auto last = std::find_if(rollout.pieces.rbegin(), rollout.pieces.rend(),
                                   [&](const Piece& piece) { return piece.agent == b; });
    if (t > 0 && !fresh && (most == 0 || last->steps < most)) {
      ++last->steps;
      continue;
    }
    rollout.pieces.push_back({.agent = b, .begin = t, .steps = 1, .state = fresh ? AgentState{} : agent.state(b)});
  }
}

void RolloutPlayer::decide(Agent& agent, int64_t t, Rollout& rollout) {
  const ActionSpace& space = spec().actions;
  const auto first = static_cast<int64_t>(rollout.row(t, 0)) * spec().features;
  std::ranges::copy(actors_.observations(), course_.seen.begin() + first);
  agent.step(actors_.observations(), turn_.policy, turn_.values);
  std::ranges::copy(agent.normalized(), rollout.observations.begin() + first);
  check_finite(turn_.policy, [&] { return "the policy"; });
  for (size_t b = 0; b < turn_.values.size(); ++b) {
    const size_t row = rollout.row(t, static_cast<int64_t>(b));
    const Decision decision{row_of(turn_.policy, b, agent.policy_size()), agent.log_deviation()};
    const auto u = row_of(turn_.drawn, b, space.size());
    decision.choose(&drawing_, u);
    to_action(space, options_.model.bounds == "tanh", u, row_of(turn_.actions, b, space.size()));
    std::ranges::copy(u, row_of(rollout.drawn, row, space.size()).begin());
    rollout.log_probabilities[row] = static_cast<float>(decision.log_probability(u));
    rollout.values[row] = turn_.values[b];
  }
}

// The value behind an episode that was cut off is that of what would have come: a copy of the agents looks at it.
void RolloutPlayer::take_outcomes(Agent& agent, int64_t t, const Rollout& rollout) {
  const auto outcomes = actors_.outcomes();
  if (std::ranges::any_of(outcomes, [](const Outcome& got) { return got.truncated && !got.terminated; })) {
    Agent(agent).step(actors_.last_observations(), turn_.policy, turn_.values);
  }
  for (int64_t b = 0; b < rollout.agents; ++b) {
    const Outcome& got = outcomes[static_cast<size_t>(b)];
    const size_t row = rollout.row(t, b);
    course_.rewards[row] = got.reward;
    course_.ends[row] = got.ends() ? 1 : 0;
    if (!got.ends()) continue;
    if (!got.terminated) course_.after[row] = static_cast<double>(turn_.values[static_cast<size_t>(b)]);
    agent.reset(b);
  }
  for (const EpisodeEnd& end : actors_.ended()) last_returns_.push_back(end.sum);
  const int64_t surplus = std::max<int64_t>(std::ssize(last_returns_) - kReturnsKept, 0);
  last_returns_.erase(last_returns_.begin(), last_returns_.begin() + surplus);
}

// Within an episode it is the value before the next step; behind the last one of the rollout, a copy looks at it.
void RolloutPlayer::value_what_came_after(const Agent& agent, const Rollout& rollout) {
  Agent(agent).step(actors_.observations(), turn_.policy, turn_.values);
  for (int64_t t = 0; t < rollout.steps; ++t) {
    for (int64_t b = 0; b < rollout.agents; ++b) {
      const size_t row = rollout.row(t, b);
      if (course_.ends[row] != 0) continue;
      const bool last = t + 1 == rollout.steps;
      course_.after[row] =
          static_cast<double>(last ? turn_.values[static_cast<size_t>(b)] : rollout.values[rollout.row(t + 1, b)]);
    }
  }
}

void RolloutPlayer::scale_rewards(const Rollout& rollout) {
  std::vector<float> sums(course_.rewards.size());
  for (int64_t t = 0; t < rollout.steps; ++t) {
    for (int64_t b = 0; b < rollout.agents; ++b) {
      const size_t row = rollout.row(t, b);
      double& gain = gain_[static_cast<size_t>(b)];
      gain = gain * *options_.learning.discount + course_.rewards[row];
      sums[row] = static_cast<float>(gain);
      if (course_.ends[row] != 0) gain = 0;
    }
  }
  gains_.add(sums);
  const double deviation = gains_.deviation()[0];
  for (double& each : course_.rewards) each = std::clamp(each / deviation, -kMostReward, kMostReward);
}

void RolloutPlayer::estimate(Rollout& rollout) const {
  const auto steps = static_cast<size_t>(rollout.steps);
  rollout.advantages.resize(course_.rewards.size());
  rollout.returns.resize(course_.rewards.size());
  std::vector<double> rewards(steps), values(steps), after(steps);
  std::vector<uint8_t> ends(steps);
  for (int64_t b = 0; b < rollout.agents; ++b) {
    for (size_t t = 0; t < steps; ++t) {
      const size_t row = rollout.row(static_cast<int64_t>(t), b);
      rewards[t] = course_.rewards[row];
      values[t] = static_cast<double>(rollout.values[row]);
      after[t] = course_.after[row];
      ends[t] = course_.ends[row];
    }
    const std::vector<double> better = advantages({.rewards = rewards,
                                                   .values = values,
                                                   .after = after,
                                                   .ends = ends,
                                                   .discount = *options_.learning.discount,
                                                   .lambda = *options_.learning.gae});
    for (size_t t = 0; t < steps; ++t) {
      const size_t row = rollout.row(static_cast<int64_t>(t), b);
      rollout.advantages[row] = static_cast<float>(better[t]);
      rollout.returns[row] = static_cast<float>(better[t] + values[t]);
    }
  }
}

void RolloutPlayer::save(StateWriter& state, const std::string& name) const {
  actors_.save(state, name + ".actors");
  state.text(name + ".drawing", drawing_.state().to_string());
  seen_.save(state, name + ".observations");
  gains_.save(state, name + ".gains");
  state.reals(name + ".gain", gain_);
  state.reals(name + ".returns", last_returns_);
  save_recurrent(state, name + ".carried", carried_);
}

void RolloutPlayer::load(const StateReader& state, const std::string& name, const ActModel& model) {
  const std::vector<int64_t> begun = actors_.load(state, name + ".actors");
  drawing_.set_state(Random::State::from_string(state.text(name + ".drawing")));
  seen_.load(state, name + ".observations");
  gains_.load(state, name + ".gains");
  gain_ = state.reals(name + ".gain");
  if (std::ssize(gain_) != actors_.count())
    fail("{}.gain: expected {} numbers, got {}", name, actors_.count(), gain_.size());
  last_returns_ = state.reals(name + ".returns");
  carried_ = load_recurrent(state, name + ".carried");
  if (!carried_.defined()) return;
  Agent agent(model, actors_.count());
  agent.set_state(carried_);
  for (const int64_t b : begun) agent.reset(b), gain_[static_cast<size_t>(b)] = 0;
  carried_ = agent.state();
}

}  // namespace recur
