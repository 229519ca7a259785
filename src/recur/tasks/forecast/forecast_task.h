// Forecasting: many series and their covariates -> the next steps of each, as a distribution.
#pragma once

#include "recur/tasks/forecast/forecast_options.h"
#include "recur/tasks/task.h"

namespace recur {

class ForecastTask : public TaskOf<ForecastOptions> {
 public:
  const TaskInfo& info() const override;
  std::unique_ptr<Training> train(const TrainingData& data, const TrainingStart& start) override;
  std::unique_ptr<Trained> restore(const Assets& assets, int64_t elements) const override;
};

}  // namespace recur
