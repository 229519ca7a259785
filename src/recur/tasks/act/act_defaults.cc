#include "recur/tasks/act/act_defaults.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "recur/environments/environments.h"

namespace recur {
namespace {

// What a family of environments begins with (docs/act.md): first choices, by what the field uses.
struct Family {
  std::string_view name;  // what the environment's begins with
  int64_t env_steps, envs, rollout, passes, minibatches, memory_steps;
  double discount, gae, entropy, rate;
  bool normalize_observations, normalize_rewards;
};

constexpr Family kFamilies[] = {
    {"t-maze", 1'000'000, 16, 128, 4, 4, 600, 0.99, 0.95, 0.02, 1e-3, false, false},
    {"cart-pole", 100'000, 8, 32, 20, 1, 10, 0.98, 0.8, 0, 1e-3, true, true},
    {"position-only-cart-pole", 200'000, 8, 32, 20, 1, 10, 0.98, 0.8, 0, 1e-3, true, true},
    {"pendulum", 300'000, 16, 128, 10, 8, 10, 0.9, 0.95, 0, 1e-3, true, true},
    {"repeat-", 500'000, 16, 128, 6, 4, 50, 0.9, 0.9, 0.01, 2e-3, false, false},
    {"autoencode", 2'000'000, 32, 104, 6, 4, 100, 0.9, 0.9, 0.01, 2e-3, false, false},
    {"cue-grid", 500'000, 16, 128, 6, 4, 20, 0.97, 0.95, 0.02, 2e-3, false, false},
};
constexpr Family kChoices = {"", 500'000, 8, 128, 6, 4, 30, 0.99, 0.95, 0.005, 1e-3, true, true};
constexpr Family kNumbers = {"", 500'000, 8, 256, 10, 8, 30, 0.99, 0.95, 0, 5e-4, true, true};
constexpr int64_t kA2cRollout = 32;

const Family& family_of(const ActOptions& options, const EnvironmentSpec& spec) {
  for (const Family& each : kFamilies) {
    if (std::string_view(options.world.env).starts_with(each.name)) return each;
  }
  return spec.actions.is_discrete() ? kChoices : kNumbers;
}

// Of a T-maze in proportion to its length, as the family's are for one of 70 places: too long a memory does not learn
// short ones.
int64_t memory_steps_of(const Family& family, std::string_view env) {
  constexpr std::string_view kMaze = "t-maze:";
  constexpr int64_t kPlaces = 70, kLeast = 150;
  int64_t places = kPlaces;
  if (!env.starts_with(kMaze)) return family.memory_steps;
  std::from_chars(env.data() + kMaze.size(), env.data() + env.size(), places);
  return std::max(kLeast, family.memory_steps * places / kPlaces);
}

template <class T>
void set_open(std::optional<T>& option, T value) {
  if (!option) option = value;
}

}  // namespace

void choose_defaults(ActOptions& options, const EnvironmentSpec& spec) {
  constexpr int64_t kMostStepsOutside = 10'000, kEpisodes = 20, kEpisodesOutside = 5;
  const Family& family = family_of(options, spec);
  const bool outside = is_command_environment(options.world.env);
  ActLearningOptions& o = options.learning;
  const bool once = o.algorithm == "a2c";
  if (outside) set_open(options.world.episode_steps, kMostStepsOutside);
  set_open(options.model.shared, spec.actions.is_discrete());
  set_open(options.model.memory_steps, memory_steps_of(family, options.world.env));
  set_open(options.model.normalize_observations, family.normalize_observations);
  set_open(o.env_steps, family.env_steps);
  set_open(o.envs, family.envs);
  set_open(o.rollout, once ? kA2cRollout : family.rollout);
  set_open(o.passes, once ? int64_t{1} : family.passes);
  set_open(o.minibatches, once ? int64_t{1} : family.minibatches);
  set_open(o.discount, family.discount);
  set_open(o.gae, once ? 1.0 : family.gae);
  set_open(o.entropy, family.entropy);
  set_open(o.normalize_rewards, family.normalize_rewards);
  set_open(o.valid_episodes, outside ? kEpisodesOutside : kEpisodes);
}

double usual_rate(const ActOptions& options, const EnvironmentSpec& spec) { return family_of(options, spec).rate; }

}  // namespace recur
