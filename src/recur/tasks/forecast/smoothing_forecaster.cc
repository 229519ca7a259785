#include "recur/tasks/forecast/smoothing_forecaster.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/nn/dropout.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"
#include "recur/tasks/forecast/window_batch.h"

namespace recur {
namespace {

int64_t smoothing_parameters(int64_t season) { return season > 1 ? 2 + season : 1; }

RecurrentOptions layer_of(const ForecastOptions& options, const ForecastSizes& sizes) {
  RecurrentOptions rnn = options.model.rnn;
  rnn.input = options.model.segment + sizes.statics;
  rnn.layers = 1;
  return rnn;
}

// Steps begin .. begin + count - 1 of [T, B], put side by side for each of `offsets`: [count, B, offsets].
Tensor side_by_side(const Tensor& x, int64_t begin, int64_t count, std::span<const int64_t> offsets) {
  Tensors parts;
  for (const int64_t offset : offsets) parts.push_back(rows(x, begin + offset, begin + offset + count));
  return stack(parts, 2);
}

std::vector<int64_t> from_to(int64_t first, int64_t last) {
  std::vector<int64_t> out(static_cast<size_t>(last - first + 1));
  std::iota(out.begin(), out.end(), first);
  return out;
}

}  // namespace

SmoothingForecaster::SmoothingForecaster(const ForecastOptions& options, const ForecastSizes& sizes, Random& random)
    : horizon_(options.data.horizon),
      context_(options.data.context),
      season_(options.data.season),
      input_(options.model.segment),
      dropout_(options.model.dropout),
      head_(make_head(options.model.head, options.model.quantiles)),
      common_(Tensor::zeros({smoothing_parameters(season_)})),
      series_({.vocabulary = sizes.identities, .features = smoothing_parameters(season_)}, random),
      rnn_(layer_of(options, sizes), options.model.dilations, random),
      hidden_({.in = rnn_.output_features(), .out = rnn_.output_features()}, random),
      output_({.in = rnn_.output_features(), .out = horizon_ * head_->width()}, random) {
  constexpr double kSlowSeason = -1;  // before the sigmoid: about a quarter of what is new goes into the season
  Tensor common = common_;
  if (season_ > 1) common.data<float>()[1] = kSlowSeason;
  init::constant(series_.weight, 0);
  register_parameter("common", common_);
  register_module("series", series_);
  register_module("rnn", rnn_);
  register_module("hidden", hidden_);
  register_module("output", output_);
}

Tensor SmoothingForecaster::own(const Tensor& x) const { return cast(x, output_.weight->dtype()); }

SmoothingForecaster::Past SmoothingForecaster::read(const Panel& panel, std::span<const ForecastWindow> windows) const {
  const int64_t batch = std::ssize(windows);
  Past past;
  std::vector<std::vector<float>> values;
  for (const ForecastWindow& window : windows) {
    // At least as many steps as enter at a time, before the beginning as the first value.
    const int64_t steps = std::max(std::min(context_, window.origin), input_);
    std::vector<float>& own = values.emplace_back(scaled_past(panel, window, {}, window.origin - steps).values);
    const auto low = std::ranges::find_if(own, [](float y) { return !(y > 0); });
    if (low != own.end()) {
      const PanelSeries& s = panel.series[window.series];
      fail("{}: series {}: decoder = smoothing: expected positive values, got {}", s.where, quoted_cell(panel.name(s)),
           *low);
    }
    const float mean = std::accumulate(own.begin(), own.end(), 0.0f) / static_cast<float>(steps);
    past.means.push_back(mean);
    past.lengths.push_back(steps);
  }
  const int64_t longest = std::ranges::max(past.lengths);
  std::vector<float> side(static_cast<size_t>(longest * batch));
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t t = 0; t < longest; ++t) {
      side[t * batch + b] = values[b][std::min(t, past.lengths[b] - 1)] / past.means[b];
    }
  }
  past.values = own(Tensor::from(side, {longest, batch}));
  return past;
}

SmoothingParameters SmoothingForecaster::smoothing_of(const Panel& panel,
                                                      std::span<const ForecastWindow> windows) const {
  const Tensor all = transpose(series_(identities_of(panel, windows)) + common_, 0, 1);  // [2 + m, B]
  SmoothingParameters out{.level = sigmoid(row(all, 0)), .season = {}, .seasonals = {}};
  if (season_ == 1) return out;
  out.season = sigmoid(row(all, 1));
  // The first step of a window may be at any place of the season: what is learnt is of the series' first step.
  Tensors columns;
  const Tensor factors = exp(transpose(rows(all, 2, 2 + season_), 0, 1));  // [B, m]
  for (size_t b = 0; b < windows.size(); ++b) {
    const int64_t begin = windows[b].origin - std::max(std::min(context_, windows[b].origin), input_);
    const int64_t shift = ((begin % season_) + season_) % season_;
    const Tensor own = row(factors, static_cast<int64_t>(b));
    columns.push_back(shift == 0 ? own : concat({rows(own, shift, season_), rows(own, 0, shift)}, 0));
  }
  out.seasonals = stack(columns, 1);
  return out;
}

SmoothingForecaster::Output SmoothingForecaster::run(const Panel& panel, std::span<const ForecastWindow> windows,
                                                     const Past& past, Mode mode) const {
  const int64_t steps = past.values.size(0), first = input_ - 1, count = steps - first, batch = std::ssize(windows);
  const Smoothed smoothed = smooth(past.values, smoothing_of(panel, windows));
  const Tensor level = slice(log(smoothed.levels), {0, first}, count);  // [K, B]
  const Tensor season = smoothed.seasonals.defined() ? log(smoothed.seasonals) : Tensor();
  Tensor rest = log(past.values);
  if (season.defined()) rest = rest - rows(season, 0, steps);
  const Tensor level_of_all = reshape(level, {count, batch, 1});
  Tensor x = side_by_side(rest, first, count, from_to(1 - input_, 0)) - level_of_all;
  if (panel.static_features > 0) {
    const Tensor statics = reshape(own(statics_of(panel, windows)), {1, batch, panel.static_features});
    x = concat({x, repeat(statics, 0, count)}, 2);
  }
  Tensor y = tanh(hidden_(rnn_(x, mode)));
  y = drop_features(y, dropout_, false, mode);
  Output out{.raw = output_(y), .base = repeat(level_of_all, 2, horizon_)};
  if (season.defined()) {
    // The season of the steps ahead as it is known at each step: the last one, over and over.
    std::vector<int64_t> offsets;
    for (int64_t h = 0; h < horizon_; ++h) offsets.push_back(1 + h % season_);
    out.base = out.base + side_by_side(season, first, count, offsets);
  }
  return out;
}

ForecastLoss SmoothingForecaster::loss(const Panel& panel, std::span<const ForecastWindow> windows, Mode mode,
                                       GradientTrace*) const {
  const Past past = read(panel, windows);
  const Output out = run(panel, windows, past, mode);
  const int64_t count = out.raw.size(0), batch = std::ssize(windows), first = input_ - 1;
  std::vector<float> target(static_cast<size_t>(count * batch * horizon_), 0), known(target);
  for (int64_t b = 0; b < batch; ++b) {
    const PanelSeries& s = panel.series[windows[b].series];
    const int64_t begin = windows[b].origin - past.lengths[b];
    // Trained at each step of the past, measured at the last.
    const int64_t last = past.lengths[b] - 1, from = mode.is_training() ? first : last;
    for (int64_t t = from; t <= last; ++t) {
      for (int64_t h = 0; h < horizon_; ++h) {
        const int64_t at = begin + t + 1 + h;
        if (at < 0 || at >= std::min<int64_t>(s.steps, windows[b].origin + horizon_)) continue;
        if (!(s.value(at) > 0)) continue;
        const int64_t place = ((t - first) * batch + b) * horizon_ + h;
        target[place] = std::log(s.value(at) / past.means[b]);
        known[place] = 1;
      }
    }
  }
  const int64_t all = std::ssize(target);
  const Tensor relative = own(Tensor::from(target, {all})) - reshape(out.base, {all});
  const Tensor losses = head_->loss(reshape(out.raw, {all, head_->width()}), relative, own(Tensor::ones({all})));
  const auto counted = static_cast<double>(std::ranges::count(known, 1.0f));
  return {.mean = masked_mean(losses, own(Tensor::from(known, {all})), counted), .known = counted};
}

WindowPaths SmoothingForecaster::forecast(const Panel& panel, std::span<const ForecastWindow> windows, int64_t samples,
                                          Random& random) const {
  const Past past = read(panel, windows);
  const Output out = run(panel, windows, past, Mode::evaluation());
  const Tensor raw = out.raw.clone(DType::kF32), base = out.base.clone(DType::kF32);
  const auto batch = windows.size(), horizon = static_cast<size_t>(horizon_);
  const auto spread = static_cast<size_t>(head_->spread_size(samples)), width = static_cast<size_t>(head_->width());
  WindowPaths paths;
  std::vector<float> step(spread);
  for (size_t b = 0; b < batch; ++b) {
    const size_t row = static_cast<size_t>(past.lengths[b] - input_) * batch + b;
    std::vector<float>& own = paths.emplace_back(spread * horizon);
    for (size_t h = 0; h < horizon; ++h) {
      const size_t place = row * horizon + h;
      head_->spread(raw.values<float>().subspan(place * width, width), 1, random, step);
      for (size_t k = 0; k < spread; ++k) {
        own[k * horizon + h] = past.means[b] * std::exp(step[k] + base.values<float>()[place]);
      }
    }
  }
  return paths;
}

WindowFunction SmoothingForecaster::function(const Panel& panel, const ForecastWindow& window) const {
  const Past one = read(panel, std::span(&window, 1));
  WindowFunction out;
  out.x = one.values;
  out.begin = window.origin - one.values.size(0);
  out.channel_of = {0};
  out.usual_baseline = "mean";
  const float mean = one.means[0];
  out.values = [this, &panel, window, mean](const Tensor& x, std::optional<double> level) {
    const int64_t steps = x.size(0), batch = x.size(1), width = head_->width();
    const std::vector<ForecastWindow> windows(static_cast<size_t>(batch), window);
    const Past past{.values = reshape(x, {steps, batch}),
                    .lengths = std::vector<int64_t>(static_cast<size_t>(batch), steps),
                    .means = {}};
    const Output made = run(panel, windows, past, Mode::evaluation());
    const int64_t last = made.raw.size(0) - 1;
    const Tensor values = head_->value(reshape(row(made.raw, last), {batch * horizon_, width}), level);
    return exp(reshape(values, {batch, horizon_}) + row(made.base, last)) * double{mean};
  };
  out.recurrent = [](const Tensor&) { return std::vector<RecurrentReading>(); };
  return out;
}

}  // namespace recur
