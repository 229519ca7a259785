// Training of a forecaster.
#pragma once

#include <optional>
#include <vector>

#include "recur/tasks/forecast/forecast_trained.h"
#include "recur/tasks/training.h"

namespace recur {

struct ForecastParts {
  Panel panel;
  std::optional<Panel> valid_panel;  // of a file of its own
  std::vector<ForecastWindow> valid_windows;
};

DataChecksum checksum_of(const Panel& panel);

class ForecastTraining : public TrainingOf<ForecastTrained> {
 public:
  ForecastTraining(ForecastTrained trained, ForecastParts parts, WindowSampler sampler, const Shard& shard)
      : TrainingOf(std::move(trained)), parts_(std::move(parts)), sampler_(std::move(sampler)), shard_(shard) {
    keep_checksum(checksum_of(parts_.panel));
  }

  TrainingStep step(bool trace_gradients) override;
  double epoch() const override { return sampler_.epoch(); }
  double default_epochs() const override;
  bool has_validation() const override { return !parts_.valid_windows.empty(); }
  Evaluation validate() override;
  Criterion criterion() const override {
    return {.metric = trained_.options().training.select, .higher_is_better = false};
  }
  void check_validation() const override;
  BaselineResults baselines() const override;
  void save_state(StateWriter& state) const override { sampler_.save(state); }
  void load_state(const StateReader& state) override { sampler_.load(state); }

 private:
  const Panel& valid_panel() const { return parts_.valid_panel ? *parts_.valid_panel : parts_.panel; }
  std::vector<ForecastWindow> next_windows();

  ForecastParts parts_;
  WindowSampler sampler_;
  Shard shard_;
};

// Of all members.
int64_t windows_of_step(const ForecastOptions& options);

}  // namespace recur
