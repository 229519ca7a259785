// Training of a forecaster.
#pragma once

#include <optional>
#include <vector>

#include "recur/nn/recurrent.h"
#include "recur/tasks/forecast/forecast_trained.h"
#include "recur/tasks/forecast/window_reader.h"
#include "recur/tasks/training.h"

namespace recur {

struct ForecastParts {
  PanelData data;
  std::optional<PanelData> valid_data;  // of a file of its own
  std::vector<ForecastWindow> valid_windows;
};

DataChecksum checksum_of(const PanelData& data);

class ForecastTraining : public TrainingOf<ForecastTrained> {
 public:
  ForecastTraining(ForecastTrained trained, ForecastParts parts, WindowSampler sampler, const WindowReading& reading,
                   bool refits, bool chooses_blend)
      : TrainingOf(std::move(trained)),
        parts_(std::move(parts)),
        reader_(parts_.data, std::move(sampler), reading),
        refits_(refits),
        chooses_blend_(chooses_blend) {
    keep_checksum(checksum_of(parts_.data));
  }

  TrainingStep step(bool trace_gradients) override;
  std::vector<std::vector<double>> gradient_trace() const override { return trace_.norms; }
  double epoch() const override { return reader_.sampler().epoch(); }
  double default_epochs() const override;
  bool validates_first() const override { return trained_.options().model.base == "theta"; }
  bool refits() const override { return refits_; }
  void take_choices(const Trained& chosen) override;
  bool has_validation() const override { return !parts_.valid_windows.empty(); }
  Evaluation validate() override;
  Criterion criterion() const override {
    return {.metric = trained_.options().training.select, .higher_is_better = false};
  }
  void check_validation() const override;
  BaselineResults baselines() const override;
  void save_state(StateWriter& state) const override { reader_.sampler().save(state); }
  void load_state(const StateReader& state) override { reader_.load(state); }

 private:
  const PanelData& valid_data() const { return parts_.valid_data ? *parts_.valid_data : parts_.data; }

  ForecastParts parts_;
  WindowReader reader_;
  bool refits_, chooses_blend_;
  GradientTrace trace_;
};

// Of all members.
int64_t windows_of_step(const ForecastOptions& options);

}  // namespace recur
