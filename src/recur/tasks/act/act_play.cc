#include "recur/tasks/act/act_play.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/stop.h"
#include "recur/tasks/act/action_distribution.h"
#include "recur/tasks/act/actors.h"
#include "recur/tasks/act/agent.h"

namespace recur {
namespace {

// One environment of those side by side, and the episode that it plays.
struct Seat {
  Environment* world = nullptr;
  int64_t episode = -1;  // from 0; -1: none
  Random random{0};      // of its actions
};

class Players {
 public:
  Players(const ActModel& model, const PlayOptions& options)
      : model_(model), options_(options), agent_(model, std::min(options.batch, options.episodes)) {
    const EnvironmentSpec& spec = model.spec();
    const auto seats = static_cast<size_t>(agent_.agents());
    auto& worlds = options.worlds != nullptr ? *options.worlds : own_worlds_;
    while (worlds.size() < seats) worlds.push_back(make_environment(options.env, options.environment));
    for (size_t b = 0; b < seats; ++b) {
      seats_.push_back({.world = worlds[b].get()});
      if (seats_[b].world->spec() != spec) {
        fail("environment '{}': the model expects {}, got {}", options.env, spec.text(),
             seats_[b].world->spec().text());
      }
    }
    seen_.resize(seats * static_cast<size_t>(spec.features));
    policy_.resize(seats * static_cast<size_t>(agent_.policy_size()));
    values_.resize(seats);
    drawn_.resize(seats * static_cast<size_t>(spec.actions.size()));
    actions_ = drawn_;
    Random seeds(options.seed, options.stream);
    for (int64_t i = 0; i < options.episodes; ++i) played_.push_back({.seed = episode_seed(seeds)});
  }

  std::vector<PlayedEpisode> play(const std::function<void(const PlayedStep&)>& tell) {
    for (size_t b = 0; b < seats_.size(); ++b) sit_down(b);
    while (std::ranges::any_of(seats_, [](const Seat& seat) { return seat.episode >= 0; })) {
      check_stop();
      step(tell);
    }
    return std::move(played_);
  }

 private:
  template <class T>
  std::span<T> part(std::vector<T>& all, size_t b) const {
    const size_t width = all.size() / seats_.size();
    return std::span(all).subspan(b * width, width);
  }

  // The next episode, if there is one left.
  void sit_down(size_t b) {
    Seat& seat = seats_[b];
    seat.episode = next_ < options_.episodes ? next_++ : -1;
    if (seat.episode < 0) return;
    const uint64_t seed = played_[static_cast<size_t>(seat.episode)].seed;
    seat.random = Random(seed, options_.stream + 1);
    agent_.reset(static_cast<int64_t>(b));
    seat.world->reset(seed, part(seen_, b));
  }

  void step(const std::function<void(const PlayedStep&)>& tell) {
    agent_.step(seen_, policy_, values_);
    for (size_t b = 0; b < seats_.size(); ++b) {
      if (seats_[b].episode < 0) continue;
      choose(b);
      seats_[b].world->begin_step(part(actions_, b));
    }
    for (size_t b = 0; b < seats_.size(); ++b) {
      if (seats_[b].episode >= 0) take(b, tell);
    }
  }

  void choose(size_t b) {
    Seat& seat = seats_[b];
    const PlayedEpisode& episode = played_[static_cast<size_t>(seat.episode)];
    check_finite(part(policy_, b),
                 [&] { return fmt::format("episode {}, step {}", seat.episode + 1, episode.steps + 1); });
    const Decision decision{part(policy_, b), agent_.log_deviation()};
    decision.choose(options_.sample ? &seat.random : nullptr, part(drawn_, b));
    to_action(model_.spec().actions, model_.options().bounds == "tanh", part(drawn_, b), part(actions_, b));
  }

  void take(size_t b, const std::function<void(const PlayedStep&)>& tell) {
    Seat& seat = seats_[b];
    PlayedEpisode& episode = played_[static_cast<size_t>(seat.episode)];
    const auto seen = part(seen_, b);
    if (tell) before_.assign(seen.begin(), seen.end());
    Outcome got = seat.world->step(part(actions_, b), seen);
    ++episode.steps;
    episode.sum += got.reward;
    if (options_.most_steps > 0 && episode.steps >= options_.most_steps && !got.ends()) got.truncated = true;
    if (tell) {
      const Decision decision{part(policy_, b), agent_.log_deviation()};
      tell({.episode = seat.episode + 1,
            .step = episode.steps,
            .observation = before_,
            .action = part(actions_, b),
            .probability = std::exp(decision.log_probability(part(drawn_, b))),
            .value = static_cast<double>(values_[b]),
            .outcome = got});
    }
    if (!got.ends()) return;
    episode.success = got.success;
    sit_down(b);
  }

  const ActModel& model_;
  const PlayOptions& options_;
  Agent agent_;
  std::vector<std::unique_ptr<Environment>> own_worlds_;
  std::vector<Seat> seats_;
  std::vector<float> seen_, before_, policy_, values_, drawn_, actions_;
  std::vector<PlayedEpisode> played_;
  int64_t next_ = 0;
};

}  // namespace

std::vector<PlayedEpisode> play(const ActModel& model, const PlayOptions& options,
                                const std::function<void(const PlayedStep&)>& tell) {
  const autograd::NoGrad no_grad;
  return Players(model, options).play(tell);
}

Evaluation measured(const std::vector<PlayedEpisode>& episodes) {
  const auto count = static_cast<double>(episodes.size());
  double sum = 0, squares = 0, steps = 0, successes = 0;
  bool knows_success = true;
  for (const PlayedEpisode& each : episodes) {
    sum += each.sum;
    steps += static_cast<double>(each.steps);
    successes += each.success.value_or(false) ? 1 : 0;
    knows_success = knows_success && each.success.has_value();
  }
  const double mean = sum / count;
  for (const PlayedEpisode& each : episodes) squares += (each.sum - mean) * (each.sum - mean);
  const auto [lowest, highest] = std::ranges::minmax(episodes, {}, &PlayedEpisode::sum);
  Evaluation result{.examples = static_cast<int64_t>(steps),
                    .metrics = {{"loss", -mean},
                                {"return", mean},
                                {"return_deviation", std::sqrt(squares / std::max(count - 1, 1.0))},
                                {"return_lowest", lowest.sum},
                                {"return_highest", highest.sum}}};
  if (knows_success) result.metrics.push_back({"success_rate", successes / count});
  result.metrics.push_back({"episode_steps", steps / count});
  result.metrics.push_back({"episodes", count});
  return result;
}

void write_episodes(const std::vector<PlayedEpisode>& episodes, Sink& rows) {
  rows.columns({"episode", "seed", "steps", "return", "success"});
  int64_t number = 0;
  for (const PlayedEpisode& each : episodes) {
    const std::string success = each.success ? (*each.success ? "yes" : "no") : "";
    const TableCell cells[] = {++number, static_cast<int64_t>(each.seed), each.steps, each.sum, success};
    rows.row(cells);
  }
}

}  // namespace recur
