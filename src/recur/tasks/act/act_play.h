// Episodes that a trained agent plays.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recur/environments/environments.h"
#include "recur/tasks/act/act_model.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"

namespace recur {

struct PlayOptions {
  std::string env;
  EnvironmentOptions environment = {};
  int64_t episodes = 100;
  uint64_t seed = 1, stream = 0;  // what the episodes follow from, each by its number
  bool sample = false;
  int64_t batch = 16;                                           // side by side; changes no result
  int64_t most_steps = 0;                                       // 0: as the environment does
  std::vector<std::unique_ptr<Environment>>* worlds = nullptr;  // to play in, more are added as needed; null: new ones
};

struct PlayedEpisode {
  uint64_t seed = 0;
  int64_t steps = 0;
  double sum = 0;  // of its rewards: the return
  std::optional<bool> success = {};
};

// A step as it is played, told in the order of the steps of each episode.
struct PlayedStep {
  int64_t episode = 0, step = 0;       // from 1
  std::span<const float> observation;  // before it
  std::span<const float> action;
  double probability = 0;  // of what the policy drew: a density where actions are numbers
  double value = 0;        // that was expected
  const Outcome& outcome;
};

// Throws Error for an environment whose spaces are not the model's, and where the policy's output is not finite.
std::vector<PlayedEpisode> play(const ActModel& model, const PlayOptions& options,
                                const std::function<void(const PlayedStep&)>& tell = {});

// Metrics: loss (minus the mean return), return, its standard deviation over the episodes, lowest and highest,
// success_rate where the environment knows success, episode_steps, episodes.
Evaluation measured(const std::vector<PlayedEpisode>& episodes);
// A row for each episode.
void write_episodes(const std::vector<PlayedEpisode>& episodes, Sink& rows);

}  // namespace recur
