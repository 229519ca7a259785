// One step after another along sampled paths: Salinas et al., "DeepAR: probabilistic forecasting with autoregressive
// recurrent networks" (2017).
//
// At each step the recurrent layers read earlier values of the series, at several lags, and its covariates, and give
// the parameters of the distribution of the value. In training the values are those of the data, of the context and the
// horizon alike; in a forecast, each path goes on with what was drawn for it.
#pragma once

#include <memory>
#include <optional>

#include "recur/nn/embedding.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/forecast/forecaster.h"
#include "recur/tasks/forecast/heads.h"
#include "recur/tasks/forecast/window_batch.h"

namespace recur {

// Parameters: rnn.*, identity.*, output.*.
class AutoregressiveForecaster : public Forecaster {
 public:
  AutoregressiveForecaster(const ForecastOptions& options, const ForecastSizes& sizes, Random& random);

  ForecastLoss loss(const Panel& panel, std::span<const ForecastWindow> windows, Mode mode,
                    GradientTrace* trace) const override;
  WindowPaths forecast(const Panel& panel, std::span<const ForecastWindow> windows, int64_t samples,
                       Random& random) const override;
  WindowFunction function(const Panel& panel, const ForecastWindow& window) const override;
  TrainedGraph graph() const override;  // in forecast_graph.cc
  bool draws_paths() const override { return head_->width() > 1; }

 private:
  // The values that the steps of a window look back on, begin .. end - 1.
  struct Memory {
    int64_t begin = 0;
    WindowPast values;
  };
  // The steps of windows as the layers read them, [T, B, F], those of the context from the first on.
  struct Inputs {
    Tensor x;
    std::vector<int64_t> lengths;
    std::vector<Memory> memories;
    std::vector<WindowScale> scales;
  };
  // Up to `ahead` steps after the origin.
  Inputs read(const Panel& panel, std::span<const ForecastWindow> windows, int64_t ahead) const;
  int64_t first_step(const ForecastWindow& window) const;
  void write_step(const Panel& panel, const ForecastWindow& window, int64_t t, const Memory& memory, float* out) const;
  Tensor with_identity(const Tensor& x, const Panel& panel, std::span<const ForecastWindow> windows,
                       int64_t paths) const;
  Tensor own(const Tensor& x) const;  // in the precision of the parameters
  // A window's past as explanations take it, and what they do not change; in autoregressive_function.cc.
  struct Explained;
  Explained explained(const Panel& panel, const ForecastWindow& window) const;
  Tensor read_past(const Explained& one, const Tensor& x) const;
  Tensor step_ahead(const Explained& one, const Tensor& x, const Tensors& said) const;
  Tensor roll_out(const Panel& panel, const Explained& one, const Tensor& x, std::optional<double> level) const;
  Tensor parameters_of(const Tensor& y, Mode mode) const;

  int64_t horizon_, features_;
  std::vector<int64_t> lags_;
  float dropout_;
  ScaleRule rule_;
  std::unique_ptr<Head> head_;
  std::optional<Embedding> identity_;
  Recurrent rnn_;
  Linear output_;
};

}  // namespace recur
