// Forecasts as functions of the past that they were made from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/tasks/explainable.h"
#include "recur/tasks/forecast/forecast_trained.h"

namespace recur {

// A record is a series, and its forecast the one behind its end. Targets: "mean" and quantiles such as "q0.9", of one
// step ahead or, without a step, their mean over the horizon, in units of the data.
class ForecastRecords : public ExplainableData {
 public:
  // `model` must outlive it. Series without a value are left out; throws Error where none has one.
  ForecastRecords(const ForecastTrained& model, Panel panel);

  int64_t size() const override { return std::ssize(windows_); }
  std::string id(int64_t i) const override;
  int64_t steps(int64_t i) const override;
  std::unique_ptr<Explainable> record(int64_t i, const ExplainTarget& target) const override;

 private:
  const ForecastWindow& window(int64_t i) const { return windows_[static_cast<size_t>(i)]; }

  const ForecastTrained& model_;
  Panel panel_;
  std::vector<ForecastWindow> windows_;
};

}  // namespace recur
