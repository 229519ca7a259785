// Forecasting: many series and their covariates -> the next steps of each, as a distribution.
#pragma once

#include <memory>
#include <optional>

#include "recur/tasks/forecast/forecast_options.h"
#include "recur/tasks/forecast/forecast_score.h"
#include "recur/tasks/forecast/forecaster.h"
#include "recur/tasks/forecast/panel_encoder.h"
#include "recur/tasks/task.h"

namespace recur {

class ForecastTask : public Task {
 public:
  ForecastOptions options;  // what declare() refers to

  const TaskInfo& info() const override;
  void declare(Config& config) override { config.add(options); }
  void declare_use(Config& config) override { config.add(options.use, "Evaluation"); }

  void start(const TrainingData& data, uint64_t seed) override;
  TrainingStep step(bool trace_gradients) override;
  double epoch() const override { return training().sampler.epoch(); }
  double default_epochs() const override;
  bool has_validation() const override { return !training().valid_windows.empty(); }
  Evaluation validate() override;
  Criterion criterion() const override { return {.metric = options.training.select, .higher_is_better = false}; }
  void save_state(StateWriter& state) const override { training().sampler.save(state); }
  void load_state(const StateReader& state) override { const_cast<Training&>(training()).sampler.load(state); }

  using Task::model;
  Module& model() override { return network(); }
  Assets assets() const override { return encoder_->assets(); }
  void restore(const Assets& assets, int64_t elements) override;

  Evaluation evaluate(const Paths& paths) override;
  void predict(const Paths& paths, Sink& rows) override;

  Description describe() const override;

 private:
  // What there is while training alone.
  struct Training {
    Panel panel;
    std::optional<Panel> valid_panel;  // of a file of its own
    std::vector<ForecastWindow> valid_windows;
    WindowSampler sampler;
  };

  int64_t windows_of_step() const { return options.training.batch * options.model.members; }
  Forecaster& network();
  const Training& training() const;
  ForecastSizes sizes() const;
  ForecastRequest request() const;
  MeasureOptions measuring() const;
  SequenceSet read(const Paths& paths) const;
  SequenceSet read_with_history(const Paths& paths) const;
  Rolling rolling() const;

  std::optional<PanelEncoder> encoder_;
  std::unique_ptr<Forecaster> model_;
  std::unique_ptr<Training> training_;
};

}  // namespace recur
