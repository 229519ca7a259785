// Environments side by side, each in an episode of its own, that go on as they were after a run is resumed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/environments/environments.h"
#include "recur/io/checkpoint.h"

namespace recur {

struct ActorOptions {
  std::string env;
  int64_t count = 1;       // B
  int64_t most_steps = 0;  // of an episode; 0: as the environment does
  EnvironmentOptions environment = {};
};

// An episode that has ended.
struct EpisodeEnd {
  double sum = 0;  // of its rewards
  int64_t steps = 0;
};

// What is saved of an episode is its seed and its actions: it is played again from there. An environment that is
// another program is where it was, too, when its episodes follow from these.
class Actors {
 public:
  // Seeds of episodes are drawn from `seeds`. Every environment begins an episode.
  Actors(const ActorOptions& options, Random seeds);

  const EnvironmentSpec& spec() const { return worlds_[0]->spec(); }
  int64_t count() const { return static_cast<int64_t>(worlds_.size()); }
  std::span<const float> observations() const { return seen_; }  // [B, F]
  int64_t steps_of_episode(int64_t b) const {
    return std::ssize(acted_[static_cast<size_t>(b)]) / spec().actions.size();
  }

  // actions [B, A]. Where an episode ends, the next one begins.
  void step(std::span<const float> actions);
  // Of the last step: outcomes [B]; observations [B, F] behind it, before new episodes began; the episodes that ended.
  std::span<const Outcome> outcomes() const { return outcomes_; }
  std::span<const float> last_observations() const { return last_; }
  const std::vector<EpisodeEnd>& ended() const { return ended_; }

  void save(StateWriter& state, const std::string& name) const;
  // Plays the episodes again. Returns the environments that did not get to where they were, with a warning, and have
  // begun a new episode.
  std::vector<int64_t> load(const StateReader& state, const std::string& name);

 private:
  std::span<float> seen_by(size_t b);
  void begin(size_t b);
  bool play_again(size_t b, uint64_t seed, std::span<const float> actions, std::span<const float> seen);

  ActorOptions options_;
  Random seeds_;
  std::vector<std::unique_ptr<Environment>> worlds_;
  std::vector<float> seen_, last_;
  std::vector<Outcome> outcomes_;
  std::vector<EpisodeEnd> ended_;
  std::vector<uint64_t> seed_of_;          // of the present episode of each
  std::vector<std::vector<float>> acted_;  // its actions so far
  std::vector<double> sums_;               // its rewards so far
};

// Seeds of episodes: 31 bits, which every program can read.
inline uint64_t episode_seed(Random& random) { return random.bits() >> 1; }

}  // namespace recur
