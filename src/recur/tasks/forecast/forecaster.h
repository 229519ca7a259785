// A network that forecasts windows of series: what the decoders have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/nn/mode.h"
#include "recur/nn/module.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/forecast/forecast_options.h"
#include "recur/tasks/forecast/windows.h"

namespace recur {

struct GradientTrace;  // nn/recurrent.h
struct TrainedGraph;   // trained_graph.h

// [S, H] for each window, in units of the data (metrics/forecasting.h).
using WindowPaths = std::vector<std::vector<float>>;

struct ForecastLoss {
  Tensor mean;       // [], of the known steps; 0 where there are none
  double known = 0;  // how many these are
};

// A window as a function of what is read of its past, for explanations: its steps begin .. origin - 1 as x [T, F] in
// the precision of the parameters. The first feature is the value at the network's scale; the others belong to channels
// of the panel as `channel_of` says: 0 the series itself, then its past covariates, then those known ahead.
struct WindowFunction {
  Tensor x;
  int64_t begin = 0;
  std::vector<int64_t> channel_of;      // [F]
  std::string usual_baseline = "zero";  // where a value of 0 is no value, another
  // x [T, B, F] -> the mean of each step ahead, or a quantile (Head::value), in units of the data: [B, H]. The scale of
  // the window and what is known of the future stay as they are.
  std::function<Tensor(const Tensor& x, std::optional<double> level)> values;
  // What recurrent layers read of the past, x [T, 1, F]; empty where their steps are not those of the series.
  std::function<std::vector<RecurrentReading>(const Tensor& x)> recurrent;
};

class Forecaster : public Module {
 public:
  // Of the known steps of the windows. A trace is of the recurrent layers that read the past, of the first network of
  // several; those of the smoothing decoder leave none.
  virtual ForecastLoss loss(const Panel& panel, std::span<const ForecastWindow> windows, Mode mode,
                            GradientTrace* trace = nullptr) const = 0;

  // `samples` paths of each window if they are sampled, otherwise as many as the head has values per step. Windows may
  // extend past the end of a series, whose steps there are not read.
  virtual WindowPaths forecast(const Panel& panel, std::span<const ForecastWindow> windows, int64_t samples,
                               Random& random) const = 0;

  // Sets how far the values of a new network with a base lie apart to how far the base errs in these windows.
  virtual void begin_with_errors(const Panel&, std::span<const ForecastWindow>) {}

  // It refers to this network and the panel. Where paths are drawn step by step, values are those of the path on which
  // each step is the mean.
  virtual WindowFunction function(const Panel& panel, const ForecastWindow& window) const = 0;

  // The network as a graph. Throws UsageError where it cannot be one.
  virtual TrainedGraph graph() const;

  // Whether the paths are draws, rather than quantiles in order.
  virtual bool draws_paths() const = 0;
};

// The sizes of a network that its options do not set.
struct ForecastSizes {
  int64_t past = 0, ahead = 0, statics = 0;  // covariates: P, A, S of Panel
  int64_t identities = 1;
};

// All options must have been chosen. With several members, networks of the same kind side by side: each is trained on
// its part of the windows, and forecasts are the mean of theirs, or paths of all of them.
std::unique_ptr<Forecaster> make_forecaster(const ForecastOptions& options, const ForecastSizes& sizes, Random& random);

// Fewer parameters than make_forecaster() would make, found without making any.
double least_parameters(const ForecastOptions& options, const ForecastSizes& sizes);

}  // namespace recur
