#include "recur/tasks/forecast/forecast_training.h"

#include <algorithm>
#include <cmath>

#include "recur/tasks/shuffled_batches.h"

namespace recur {
namespace {

constexpr int64_t kValidSamples = 20;

}  // namespace

int64_t windows_of_step(const ForecastOptions& options) { return options.training.batch * options.model.members; }

TrainingStep ForecastTraining::step(bool) {
  const double before = std::floor(epoch());
  const std::vector<ForecastWindow> drawn = sampler_.next(windows_of_step(trained_.options()));
  std::vector<ForecastWindow> windows;  // this process's share
  for (size_t i = static_cast<size_t>(shard_.rank); i < drawn.size(); i += static_cast<size_t>(shard_.ranks)) {
    windows.push_back(drawn[i]);
  }
  const Tensor objective = trained_.network().loss(parts_.panel, windows, Mode::training(sampler_.dropout()));
  return {.objective = objective,
          .loss = objective.item(),
          .examples = std::ssize(windows),
          .ends_epoch = std::floor(epoch()) > before};
}

double ForecastTraining::default_epochs() const {
  const int64_t windows = windows_of_step(trained_.options());
  return usual_epochs((sampler_.a_pass() + windows - 1) / windows);
}

Evaluation ForecastTraining::validate() {
  ForecastRequest how = trained_.request();
  how.samples = std::min(how.samples, kValidSamples);
  const Panel& panel = parts_.valid_panel ? *parts_.valid_panel : parts_.panel;
  return measure_forecasts(trained_.network(), panel, parts_.valid_windows, how,
                           {.at_step = trained_.options().use.at_step});
}

}  // namespace recur
