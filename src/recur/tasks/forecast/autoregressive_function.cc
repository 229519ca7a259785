// The autoregressive forecast as a function of a window's past.
#include <algorithm>
#include <vector>

#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/tasks/forecast/autoregressive_forecaster.h"

namespace recur {

// x is [T, 2 + P + A]: value, whether it was missing, covariates.
struct AutoregressiveForecaster::Explained {
  ForecastWindow window;
  WindowScale scale;
  int64_t begin = 0, first = 0;  // the first step of x, and the first that the layers take
  int64_t past = 0;              // P
  Tensor x;
  Tensor ahead;    // [H, 1, A] of the steps ahead
  Tensor statics;  // [1, 1, S]

  int64_t at(int64_t step) const { return step - begin; }  // its row in x
};

AutoregressiveForecaster::Explained AutoregressiveForecaster::explained(const Panel& panel,
                                                                        const ForecastWindow& window) const {
  Explained one;
  one.window = window;
  one.scale = window_scale(panel, window, rule_);
  one.first = first_step(window);
  one.begin = one.first - std::ranges::max(lags_);
  one.past = panel.past_features;
  const WindowPast values = scaled_past(panel, window, one.scale, one.begin);
  const int64_t steps = window.origin - one.begin, ahead = panel.ahead_features, width = 2 + one.past + ahead;
  std::vector<float> x(static_cast<size_t>(steps * width), 0), next(static_cast<size_t>(horizon_ * ahead), 0);
  for (int64_t k = 0; k < steps; ++k) {
    float* to = x.data() + k * width;
    to[0] = values.values[k];
    to[1] = values.missing[k];
    write_past(panel, window, one.begin + k, to + 2);
    write_ahead(panel, window, one.begin + k, to + 2 + one.past);
  }
  for (int64_t h = 0; h < horizon_; ++h) write_ahead(panel, window, window.origin + h, next.data() + h * ahead);
  one.x = own(Tensor::from(x, {steps, width}));
  one.ahead = own(Tensor::from(next, {horizon_, 1, ahead}));
  const Tensor statics = statics_of(panel, std::span(&window, 1));
  one.statics = own(reshape(statics, {1, 1, panel.static_features}));
  return one;
}

// What the layers read up to the origin: [K, B, F], as write_step() puts it down.
Tensor AutoregressiveForecaster::read_past(const Explained& one, const Tensor& x) const {
  const int64_t from = one.at(one.first), to = one.at(one.window.origin), batch = x.size(1);
  const int64_t ahead = one.ahead.size(2), statics = one.statics.size(2);
  Tensors parts;
  for (const int64_t lag : lags_) parts.push_back(slice(rows(x, from - lag, to - lag), {2, 0}, 1));
  parts.push_back(slice(rows(x, from - 1, to - 1), {2, 1}, 1 + one.past));
  if (ahead > 0) parts.push_back(slice(rows(x, from, to), {2, 2 + one.past}, ahead));
  if (statics > 0) parts.push_back(tile(tile(one.statics, 1, batch), 0, to - from));
  return concat(parts, 2);
}

// What they read at the next step, when `said` [B, 1] are the steps ahead that are said already: [1, B, F].
Tensor AutoregressiveForecaster::step_ahead(const Explained& one, const Tensor& x, const Tensors& said) const {
  const int64_t h = std::ssize(said), origin = one.window.origin, batch = x.size(1);
  Tensors parts;
  for (const int64_t lag : lags_) {
    const bool is_said = lag <= h;
    parts.push_back(is_said ? said[static_cast<size_t>(h - lag)] : slice(row(x, one.at(origin + h - lag)), {1, 0}, 1));
  }
  parts.push_back(h == 0 ? slice(row(x, one.at(origin - 1)), {1, 1}, 1 + one.past)
                         : Tensor::zeros({batch, 1 + one.past}, x.dtype()));
  if (one.ahead.size(2) > 0) parts.push_back(tile(row(one.ahead, h), 0, batch));
  if (one.statics.size(2) > 0) parts.push_back(tile(row(one.statics, 0), 0, batch));
  const Tensor step = concat(parts, 1);
  return reshape(step, {1, batch, step.size(1)});
}

// [B, H] in units of the data.
Tensor AutoregressiveForecaster::roll_out(const Panel& panel, const Explained& one, const Tensor& x,
                                          std::optional<double> level) const {
  const int64_t batch = x.size(1);
  const std::vector<ForecastWindow> windows(static_cast<size_t>(batch), one.window);
  RecurrentState state;
  if (one.window.origin > one.first) {
    state = rnn_(with_identity(read_past(one, x), panel, windows, 1), {.mode = Mode::evaluation()}).state;
  }
  Tensors said, values;
  for (int64_t h = 0; h < horizon_; ++h) {
    const Tensor step = with_identity(step_ahead(one, x, said), panel, windows, 1);
    const RecurrentOutput made = rnn_(step, {.state = state, .mode = Mode::evaluation()});
    state = made.state;
    const Tensor raw = parameters_of(made.y, Mode::evaluation());
    said.push_back(reshape(head_->value(raw, {}), {batch, 1}));
    values.push_back(level ? reshape(head_->value(raw, level), {batch, 1}) : said.back());
  }
  return inverted(concat(values, 1), one.scale);
}

WindowFunction AutoregressiveForecaster::function(const Panel& panel, const ForecastWindow& window) const {
  const Explained one = explained(panel, window);
  WindowFunction out;
  out.x = one.x;
  out.begin = one.begin;
  out.channel_of = {0, 0};
  for (int64_t f = 2; f < one.x.size(1); ++f) out.channel_of.push_back(f - 1);
  out.values = [this, &panel, one](const Tensor& x, std::optional<double> level) {
    return roll_out(panel, one, x, level);
  };
  out.recurrent = [this, &panel, one](const Tensor& x) {
    if (one.window.origin <= one.first) return std::vector<RecurrentReading>();
    const Tensor seen = with_identity(read_past(one, x), panel, std::span(&one.window, 1), 1);
    return std::vector<RecurrentReading>{{.name = "rnn", .network = rnn_, .x = seen}};
  };
  return out;
}

}  // namespace recur
