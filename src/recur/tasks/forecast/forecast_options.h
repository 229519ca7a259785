// The options of forecasting.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/tasks/recurrent_options.h"
#include "recur/tasks/series_options.h"

namespace recur {

// What the files hold, and how a window of it is brought to the network's scale.
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
    v("past_columns", past, "Covariates known up to now");
    v("future_columns", future, "Covariates known ahead of time: holidays, prices set in advance");
    v("horizon", horizon, "H, steps that a forecast reaches ahead; 0: as the file says, or by how often values come",
      Range{0, kLarge});
    v("context", context, "Steps before it that the network reads, fewer where a series is younger; 0: by horizon",
      Range{0, kLarge});
    v("season", season, "m, steps of a season, 1 for none; 0: by how often values come", Range{0, kLarge});
    v("calendar", calendar, "Hour, day of the week, and season of the year as inputs, where times are dates");
    v("identity", identity, "What the network is told apart by a learnt vector; auto: the channels of one file",
      OneOf{"auto", "none", "channel", "series"});
    v("scaler", scaler,
      "Scale of a window: standard: deviation of its series' training part; mean: mean |x| of its past; deviation: "
      "deviation of its past",
      OneOf{"auto", "none", "standard", "mean", "deviation"});
    v("center", center, "What is subtracted from a window: its last value, its past's mean, its series' training mean",
      OneOf{"auto", "none", "last", "mean", "standard"});
    v("log", log, "Forecast logarithms; all values must be above 0");
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
  int64_t highway = 0;
  bool attention = false;
  std::vector<int64_t> lags, dilations;
  int64_t members = 1;

  template <class Visitor>
  void visit(Visitor& v) {
    constexpr double kLarge = 1 << 20;
    v("decoder", decoder,
      "direct: all steps at once, in segments (SegRNN, Lin et al. 2023); autoregressive: step by step along sampled "
      "paths (DeepAR, Salinas et al. 2017); smoothing: on exponential smoothing learnt with it (ES-RNN, Smyl 2020)",
      OneOf{"direct", "autoregressive", "smoothing"});
    v("head", head, "What is learnt of a step; auto: normal where autoregressive, else quantiles",
      OneOf{"auto", "mae", "mse", "quantiles", "normal", "student", "negative_binomial"});
    v("quantiles", quantiles, "head = quantiles: how many, evenly apart", Range{1, 999});
    visit_layers(v, rnn);
    v("segment", segment,
      "direct: steps read and forecast at a time; smoothing: steps read at a time; 0: by season and horizon",
      Range{0, kLarge});
    v("identity_features", identity_features, "Features of the vector that tells series apart", Range{1, 1 << 12});
    v("dropout", dropout, "Of the layers' outputs", Range{.min = 0, .max = 1, .open_max = true});
    v("highway", highway, "direct: steps of a linear path from the past to the forecast beside the network; 0: none",
      Range{0, kLarge});
    v("attention", attention, "direct: each segment forecast also attends to the segments read");
    v("lags", lags, "autoregressive: earlier values that enter each step; empty: by season", Range{1, kLarge});
    v("dilations", dilations, "smoothing: steps that each layer looks back; empty: by season", Range{1, kLarge});
    v("members", members, "Networks trained side by side on batches of their own, whose forecasts are averaged",
      Range{1, 100});
  }
};

struct ForecastTrainingOptions {
  int64_t batch = 64;
  std::string sampling = "windows";
  int64_t least_past = 0;
  std::string select = "loss";

  template <class Visitor>
  void visit(Visitor& v) {
    v("batch", batch, "B, windows of a step", Range{1, 1 << 20});
    v("sampling", sampling,
      "Which windows: each as likely as another; each series; each series by its mean size (Salinas et al. 2017)",
      OneOf{"windows", "series", "scale"});
    v("least_past", least_past, "Fewest known steps before a window to train on; 0: as the horizon", Range{0, 1 << 20});
    v("select", select, "What validation chooses the model by",
      OneOf{"loss", "smape", "mase", "owa", "nd", "mse", "mae", "rse", "crps"});
  }
};

// What counts each time a trained model is used.
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
    v("history", history, "File with the earlier part of each series, which DATA go on with; joined by id");
    v("backtest", backtest, "Windows of each series to evaluate, the last one at its end", Range{1, 1 << 30});
    v("stride", stride, "Steps from one of them to the next; 0: the horizon", Range{0, 1 << 30});
    v("at_step", at_step, "Evaluate this step of each forecast alone; 0: all", Range{0, 1 << 20});
    v("samples", samples, "Paths drawn where forecasts are sampled", Range{1, 100000});
    v("sample_seed", seed, "Seed of those draws");
    v("eval_batch", batch, "Windows forecast side by side", Range{1, 1 << 20});
    v("output", output, "What predict writes: the mean and quantiles of each step, or the sampled paths",
      OneOf{"quantiles", "samples"});
    v("levels", levels, "Quantiles to write, between 0 and 1, separated by commas");
    v("chart", chart, "SVG file for predict to draw fan charts into");
    v("charts", charts, "Series in it at most, the first ones", Range{1, 1000});
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
