// The options of forecasting.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/series_options.h"

namespace recur {

// The columns of the data, the windows, and their scaling.
struct ForecastDataOptions {
  SeriesOptions series;
  std::vector<std::string> past, future;
  int64_t horizon = 0, context = 0, season = 0;
  bool calendar = true;
  std::string identity = "auto";
  std::string scaler = "auto", center = "auto";
  bool log = false;

  template <class Visitor>
  void visit(Visitor& v) {
    constexpr double kLarge = 1 << 20;
    series.visit(v);
    v("past_columns", past, "Columns of past covariates, known up to the start of the forecast");
    v("future_columns", future,
      "Columns of future covariates, known ahead of time, such as holidays and planned prices");
    v("horizon", horizon, "H, forecast horizon in steps; 0: as the file states, or by the frequency of the data",
      Range{0, kLarge});
    v("context", context,
      "Number of past steps that the network reads, fewer at the start of a series; 0: two horizons (four of long "
      "series "
      "without a season) or two seasons (seven of 20 steps and more, days), whichever is longer",
      Range{0, kLarge});
    v("season", season, "m, season length in steps, 1 for none; 0: by the frequency of the data", Range{0, kLarge});
    v("calendar", calendar, "Use hour, day of the week and time of year as inputs, if times are dates");
    v("identity", identity,
      "Learn an embedding of each channel or of each series; auto: channel if there are several, series for smoothing, "
      "else none",
      OneOf{"auto", "none", "channel", "series"});
    v("scaler", scaler,
      "Scale that a window is divided by: standard (standard deviation of the series in training), mean (mean |x| of "
      "the context) or deviation (standard deviation of the context)",
      OneOf{"auto", "none", "standard", "mean", "deviation"});
    v("center", center,
      "Value that is subtracted from a window: last (last value of the context), mean (mean of the context) or "
      "standard (mean of the series in training)",
      OneOf{"auto", "none", "last", "mean", "standard"});
    v("log", log, "Forecast logarithms; all values must be positive");
  }
};

struct ForecastModelOptions {
  std::string decoder = "direct";
  std::string head = "auto";
  int64_t quantiles = 9;
  RecurrentOptions rnn{.cell = "gru", .hidden = 128};
  int64_t segment = 0;
  int64_t identity_features = 16;
  float dropout = 0.1f;
  std::optional<int64_t> highway;
  std::string base = "auto";
  std::optional<double> blend;
  bool attention = false;
  std::vector<int64_t> lags, dilations;
  int64_t members = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    constexpr double kLarge = 1 << 20;
    v("decoder", decoder,
      "Decoder: direct (all steps at once, in segments; SegRNN, Lin et al. 2023), autoregressive (step by step along "
      "sampled paths; DeepAR, Salinas et al. 2017) or smoothing (with learnt exponential smoothing; ES-RNN, Smyl 2020)",
      OneOf{"direct", "autoregressive", "smoothing"});
    v("head", head, "Loss or distribution of each step; auto: normal for autoregressive, else quantiles",
      OneOf{"auto", "mae", "mse", "quantiles", "normal", "student", "negative_binomial"});
    v("quantiles", quantiles, "Number of evenly spaced quantiles (head = quantiles)", Range{1, 999});
    visit_layers(v, rnn);
    v("segment", segment,
      "Segment length in steps, read and forecast at a time (direct) or read at a time (smoothing); 0: by season and "
      "context",
      Range{0, kLarge});
    v("identity_features", identity_features, "Size of the embedding of a channel or series", Range{1, 1 << 12});
    v("dropout", dropout, "Dropout probability on layer outputs", Range{.min = 0, .max = 1, .open_max = true});
    v("highway", highway,
      "Number of past steps in a linear model that is added to the network (direct); 0: none; default 0, or the "
      "context "
      "where series with a season of 20 steps or more are forecast as logarithms by default",
      Range{0, kLarge});
    v("base", base,
      "What the network's forecast is added to (direct): none, or the forecast of the Theta method, of a past of less "
      "than three seasons the last value; auto: theta where the data have less than 16 batches of windows, season is "
      "1, 4 or 12, series are as long as six seasons and a horizon, and no logarithms or counts are forecast",
      OneOf{"auto", "none", "theta"});
    v("blend", blend,
      "How much of the way forecasts are moved from the network's to those of the Theta method (direct, base = none); "
      "default: what is best on validation data of 0, 0.25 and 0.5 for 50 series or more of a season below 20 "
      "steps, else 0",
      Range{0, 1});
    v("attention", attention, "Let each forecast segment attend to the segments read (direct)");
    v("lags", lags, "Lags in steps of the earlier values that enter each step (autoregressive); empty: by season",
      Range{1, kLarge});
    v("dilations", dilations, "Dilation of each layer in steps (smoothing); empty: by season", Range{1, kLarge});
    v("members", members,
      "Ensemble size: number of networks, trained on different batches, whose forecasts are averaged; 0: five where "
      "windows to learn from are few, three where series are short (decoder = direct), else one",
      Range{0, 100});
  }
};

struct ForecastTrainingOptions {
  int64_t batch = 64;
  std::string sampling = "windows";
  int64_t least_past = 0;
  std::string select = "loss";
  std::string refit = "auto";

  template <class Visitor>
  void visit(Visitor& v) {
    v("batch", batch, "B, batch size in windows", Range{1, 1 << 20});
    v("sampling", sampling,
      "Sampling of training windows: windows (uniform over windows), series (uniform over series) or scale (series in "
      "proportion to their mean size, Salinas et al. 2017)",
      OneOf{"windows", "series", "scale"});
    v("least_past", least_past,
      "Minimum number of known steps before a training window; 0: the smaller of context and horizon, with base = "
      "theta "
      "also three seasons",
      Range{0, 1 << 20});
    v("select", select, "Validation metric by which the best model is chosen",
      OneOf{"loss", "smape", "mase", "owa", "nd", "mse", "mae", "rse", "crps"});
    v("refit", refit,
      "Train anew once the number of steps is chosen, on the held-out part of the series as well; auto: where the data "
      "have few windows (less than 50 batches) and the budget is open",
      OneOf{"auto", "yes", "no"});
  }
};

// Options of prediction and evaluation.
struct ForecastUseOptions {
  std::string history;
  int64_t backtest = 1, stride = 0, at_step = 0;
  int64_t samples = 100, batch = 256;
  uint64_t seed = 1;
  std::string output = "quantiles";
  std::string levels = "0.1,0.5,0.9";
  std::string chart;
  int64_t charts = 6;

  template <class Visitor>
  void visit(Visitor& v) {
    v("history", history, "File with the earlier part of each series, which DATA continues; joined by id");
    v("backtest", backtest, "Number of windows of each series to evaluate, the last one at its end", Range{1, 1 << 30});
    v("stride", stride, "Number of steps between evaluation windows; 0: the horizon", Range{0, 1 << 30});
    v("at_step", at_step, "Evaluate only this step of each forecast; 0: all", Range{0, 1 << 20});
    v("samples", samples, "Number of sampled paths of a forecast (autoregressive)", Range{1, 100000});
    v("sample_seed", seed, "Random seed of the sampled paths");
    v("eval_batch", batch, "Batch size of evaluation, in windows", Range{1, 1 << 20});
    v("output", output, "What predict writes: mean and quantiles of each step, or the sampled paths",
      OneOf{"quantiles", "samples"});
    v("levels", levels, "Quantiles to write, between 0 and 1, separated by commas");
    v("chart", chart, "SVG file into which predict draws fan charts", Writes::kFile);
    v("charts", charts, "Maximum number of series in the chart", Range{1, 1000});
  }
};

struct ForecastOptions {
  ForecastDataOptions data;
  ForecastModelOptions model;
  ForecastTrainingOptions training;
  ForecastUseOptions use;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Data", data);
    v.section("Model", model);
    v.section("Windows", training);
    v.section("Evaluation", use);
  }
};

}  // namespace recur
