// Exponential smoothing and a recurrent network learnt together: Smyl, "A hybrid method of exponential smoothing and
// recurrent neural networks for time series forecasting" (2020).
//
// Level and season of every series are smoothed with factors that are learnt for it by gradients through the smoothing.
// What is left, the last steps divided by level and season, in logarithms, enters a dilated residual stack at each step
// of the past, which forecasts the next H steps in the same terms; so a window trains as many forecasts as it has
// steps.
#pragma once

#include <memory>
#include <optional>

#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/tasks/forecast/dilated_stack.h"
#include "recur/tasks/forecast/exponential_smoothing.h"
#include "recur/tasks/forecast/forecaster.h"
#include "recur/tasks/forecast/heads.h"

namespace recur {

// Parameters: common, series.*, rnn.*, hidden.*, output.*. It reads values and static columns; covariates by step are
// not used.
class SmoothingForecaster : public Forecaster {
 public:
  SmoothingForecaster(const ForecastOptions& options, const ForecastSizes& sizes, Random& random);

  ForecastLoss loss(const Panel& panel, std::span<const ForecastWindow> windows, Mode mode,
                    GradientTrace* trace) const override;
  WindowPaths forecast(const Panel& panel, std::span<const ForecastWindow> windows, int64_t samples,
                       Random& random) const override;
  WindowFunction function(const Panel& panel, const ForecastWindow& window) const override;
  bool draws_paths() const override { return head_->spread_size(1) != head_->spread_size(2); }

 private:
  // Values of windows relative to their mean, from the first step that is read on; behind a window's end as its last.
  struct Past {
    Tensor values;                 // [T, B]
    std::vector<int64_t> lengths;  // steps before the origin
    std::vector<float> means;
  };
  // What the network says at each step from the first that has enough before it: K of them.
  struct Output {
    Tensor raw;   // [K, B, H W]
    Tensor base;  // [K, B, H] the logarithm of level and season of the steps ahead
  };
  Tensor own(const Tensor& x) const;  // in the precision of the parameters
  Past read(const Panel& panel, std::span<const ForecastWindow> windows) const;
  SmoothingParameters smoothing_of(const Panel& panel, std::span<const ForecastWindow> windows) const;
  Output run(const Panel& panel, std::span<const ForecastWindow> windows, const Past& past, Mode mode) const;

  int64_t horizon_, context_, season_, input_;  // input_: steps that enter at a time
  float dropout_;
  std::unique_ptr<Head> head_;
  Parameter common_;  // [2 + m] what all series share of level, season and seasonals, before the sigmoid or exponential
  Embedding series_;  // [series, 2 + m] what is added for each; row 0, of unknown ones, stays 0
  DilatedStack rnn_;
  Linear hidden_, output_;
};

}  // namespace recur
