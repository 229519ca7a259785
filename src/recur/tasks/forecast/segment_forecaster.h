// All steps of a forecast at once, in segments: Lin et al., "SegRNN: segment recurrent neural network for long-term
// time series forecasting" (2023).
//
// The past is cut into segments of w steps. Each enters the recurrent layers as one input, so that they take few steps.
// From the state after the last, the same layers take one step for each segment ahead, in parallel. A learnt
// embedding of the segment's position, and one of the series, distinguish them; a linear layer turns each into w steps.
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

// Parameters: input.*, rnn.*, place, identity.*, statics.*, ahead.*, attention.*, output.*, highway.*.
class SegmentForecaster : public Forecaster {
 public:
  SegmentForecaster(const ForecastOptions& options, const ForecastSizes& sizes, Random& random);

  ForecastLoss loss(const Panel& panel, std::span<const ForecastWindow> windows, Mode mode,
                    GradientTrace* trace) const override;
  WindowPaths forecast(const Panel& panel, std::span<const ForecastWindow> windows, int64_t samples,
                       Random& random) const override;
  void begin_with_errors(const Panel& panel, std::span<const ForecastWindow> windows) override;
  WindowFunction function(const Panel& panel, const ForecastWindow& window) const override;
  // Both in forecast_graph.cc.
  TrainedGraph graph() const override;
  // Of an ensemble, whose members have the same options.
  static TrainedGraph graph_of(const Module& ensemble, std::span<const SegmentForecaster* const> members);
  bool draws_paths() const override { return head_->spread_size(1) != head_->spread_size(2); }

  // What the network reads of windows; tensors that it has no use for are undefined.
  struct Inputs {
    // N segments of w steps with F features, right-aligned: shorter pasts have fewer segments.
    Tensor segments;               // [N, B, w F]
    std::vector<int64_t> lengths;  // of each window, in segments
    Tensor recent;                 // [B, q] the last values for the highway
    Tensor identities;             // i32 [B] rows of the table
    Tensor statics;                // [B, S]
    Tensor ahead;                  // [M, B, w A] covariates of the M segments to forecast
  };
  Inputs read(const Panel& panel, std::span<const ForecastWindow> windows, std::span<const WindowScale> scales) const;
  // The head's values of every step, [B, horizon, W].
  Tensor operator()(const Inputs& in, Mode mode, GradientTrace* trace = nullptr) const;

 private:
  Tensor ahead_of(const Panel& panel, std::span<const ForecastWindow> windows) const;
  Tensor places(const Inputs& in) const;  // [M, B, H]
  Tensor attend(const Tensor& y, const Tensor& ahead, const std::vector<int64_t>& lengths) const;
  Tensor own(const Tensor& x) const;  // in the precision of the parameters
  Inputs with_past(const Inputs& one, const Tensor& x) const;
  Tensor add_highway(const Tensor& raw, const Tensor& recent) const;

  int64_t horizon_, segment_, segments_ahead_, features_, highway_steps_;
  float dropout_;
  ScaleRule rule_;
  std::unique_ptr<Head> head_;
  Linear input_;
  Recurrent rnn_;
  Parameter place_;  // [M, H]
  std::optional<Embedding> identity_;
  std::optional<Linear> statics_, ahead_, attention_, highway_;
  Linear output_;
};

}  // namespace recur
