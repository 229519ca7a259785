#include "recur/tasks/act/actors.h"

#include <algorithm>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/tasks/act/state_parts.h"

namespace recur {
Actors::Actors(const ActorOptions& options, Random seeds) : options_(options), seeds_(seeds) {
  const auto count = static_cast<size_t>(options.count);
  for (size_t b = 0; b < count; ++b) worlds_.push_back(make_environment(options.env, options.environment));
  for (const auto& world : worlds_) {
    if (world->spec() != spec()) {
      fail("environment '{}': two copies of it differ: {} and {}", options.env, spec().text(), world->spec().text());
    }
  }
  seen_.resize(count * static_cast<size_t>(spec().features));
  last_ = seen_;
  outcomes_.resize(count);
  seed_of_.resize(count);
  acted_.resize(count);
  sums_.resize(count);
  for (size_t b = 0; b < count; ++b) begin(b);
}

std::span<float> Actors::seen_by(size_t b) {
  const auto features = static_cast<size_t>(spec().features);
  return std::span(seen_).subspan(b * features, features);
}

void Actors::begin(size_t b) {
  seed_of_[b] = episode_seed(seeds_);
  acted_[b].clear();
  sums_[b] = 0;
  worlds_[b]->reset(seed_of_[b], seen_by(b));
}

void Actors::step(std::span<const float> actions) {
  const auto size = static_cast<size_t>(spec().actions.size());
  ended_.clear();
  for (size_t b = 0; b < worlds_.size(); ++b) worlds_[b]->begin_step(actions.subspan(b * size, size));
  for (size_t b = 0; b < worlds_.size(); ++b) {
    const auto action = actions.subspan(b * size, size);
    Outcome& got = outcomes_[b];
    got = worlds_[b]->step(action, seen_by(b));
    acted_[b].insert(acted_[b].end(), action.begin(), action.end());
    sums_[b] += got.reward;
    if (options_.most_steps > 0 && steps_of_episode(static_cast<int64_t>(b)) >= options_.most_steps && !got.ends()) {
      got.truncated = true;
    }
  }
  last_ = seen_;
  for (size_t b = 0; b < worlds_.size(); ++b) {
    if (!outcomes_[b].ends()) continue;
    ended_.push_back({.sum = sums_[b], .steps = steps_of_episode(static_cast<int64_t>(b))});
    begin(b);
  }
}

void Actors::save(StateWriter& state, const std::string& name) const {
  state.text(name + ".seeds", seeds_.state().to_string());
  state.words(name + ".episodes", seed_of_);
  save_floats(state, name + ".seen", seen_);
  state.reals(name + ".sums", sums_);
  for (size_t b = 0; b < acted_.size(); ++b) {
    save_floats(state, fmt::format("{}.actions.{}", name, b), acted_[b]);
  }
}

bool Actors::play_again(size_t b, uint64_t seed, std::span<const float> actions, std::span<const float> seen) {
  const auto size = static_cast<size_t>(spec().actions.size());
  worlds_[b]->reset(seed, seen_by(b));
  for (size_t at = 0; at + size <= actions.size(); at += size) {
    if (worlds_[b]->step(actions.subspan(at, size), seen_by(b)).ends()) return false;
  }
  return std::ranges::equal(seen_by(b), seen);
}

std::vector<int64_t> Actors::load(const StateReader& state, const std::string& name) {
  const std::vector<uint64_t> seeds = state.words(name + ".episodes");
  const std::vector<double> sums = state.reals(name + ".sums");
  const std::vector<float> seen = load_floats(state, name + ".seen", seen_.size());
  if (seeds.size() != worlds_.size() || sums.size() != worlds_.size()) {
    fail("{}: expected {} environments, got {} and {}", name, worlds_.size(), seeds.size(), sums.size());
  }
  seeds_.set_state(Random::State::from_string(state.text(name + ".seeds")));
  std::vector<int64_t> lost;
  for (size_t b = 0; b < worlds_.size(); ++b) {
    acted_[b] = load_floats(state, fmt::format("{}.actions.{}", name, b));
    seed_of_[b] = seeds[b];
    sums_[b] = sums[b];
    const auto features = static_cast<size_t>(spec().features);
    if (play_again(b, seeds[b], acted_[b], std::span(seen).subspan(b * features, features))) continue;
    lost.push_back(static_cast<int64_t>(b));
    begin(b);
  }
  if (!lost.empty()) {
    log_warning(
        "environment '{}': its episodes are not determined by their seeds and the actions: {} of {} start again, and "
        "the run does not continue to the same bits",
        options_.env, lost.size(), worlds_.size());
  }
  return lost;
}

}  // namespace recur
