#include "recur/tasks/forecast/autoregressive_forecaster.h"

#include <algorithm>
#include <cmath>

#include "recur/nn/dropout.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

// The lags, whether the value before was missing, and the covariates.
int64_t step_features(const ForecastOptions& options, const ForecastSizes& sizes) {
  return std::ssize(options.model.lags) + 1 + sizes.past + sizes.ahead + sizes.statics;
}

RecurrentOptions layers_of(const ForecastOptions& options, const ForecastSizes& sizes) {
  RecurrentOptions rnn = options.model.rnn;
  rnn.input = step_features(options, sizes) + (sizes.identities > 1 ? options.model.identity_features : 0);
  rnn.dropout = options.model.dropout;
  return rnn;
}

}  // namespace

AutoregressiveForecaster::AutoregressiveForecaster(const ForecastOptions& options, const ForecastSizes& sizes,
                                                   Random& random)
    : horizon_(options.data.horizon),
      features_(step_features(options, sizes)),
      lags_(options.model.lags),
      dropout_(options.model.dropout),
      rule_{options.data.scaler, options.data.center, options.data.log, options.data.context},
      head_(make_head(options.model.head, options.model.quantiles)),
      rnn_(layers_of(options, sizes), random),
      output_({.in = rnn_.output_features(), .out = head_->width()}, random) {
  if (sizes.identities > 1) {
    identity_.emplace(EmbeddingOptions{.vocabulary = sizes.identities, .features = options.model.identity_features},
                      random);
    register_module("identity", *identity_);
  }
  register_module("rnn", rnn_);
  register_module("output", output_);
}

// The first step of a series has no value before it.
int64_t AutoregressiveForecaster::first_step(const ForecastWindow& window) const {
  return std::max<int64_t>(window.origin - rule_.context, 1);
}

void AutoregressiveForecaster::write_step(const Panel& panel, const ForecastWindow& window, int64_t t,
                                          const Memory& memory, float* out) const {
  for (const int64_t lag : lags_) *out++ = memory.values.values[t - lag - memory.begin];
  *out++ = memory.values.missing[t - 1 - memory.begin];
  // What is known up to now is known of the step before, and of none behind the origin.
  if (t <= window.origin) write_past(panel, window, t - 1, out);
  out += panel.past_features;
  write_ahead(panel, window, t, out);
  out += panel.ahead_features;
  std::ranges::copy(panel.group_of(panel.series[window.series]).statics, out);
}

AutoregressiveForecaster::Inputs AutoregressiveForecaster::read(const Panel& panel,
                                                                std::span<const ForecastWindow> windows,
                                                                int64_t ahead) const {
  Inputs in{.x = {}, .lengths = {}, .memories = {}, .scales = window_scales(panel, windows, rule_)};
  for (const ForecastWindow& window : windows) in.lengths.push_back(window.origin + ahead - first_step(window));
  const int64_t longest = std::max<int64_t>(std::ranges::max(in.lengths), 1), batch = std::ssize(windows);
  const int64_t furthest = std::ranges::max(lags_);
  std::vector<float> x(static_cast<size_t>(longest * batch * features_), 0);
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t first = first_step(windows[b]);
    const ForecastWindow end{windows[b].series, windows[b].origin + ahead};
    in.memories.push_back({first - furthest, scaled_past(panel, end, in.scales[b], first - furthest)});
    for (int64_t k = 0; k < in.lengths[b]; ++k) {
      write_step(panel, windows[b], first + k, in.memories[b], x.data() + (k * batch + b) * features_);
    }
  }
  in.x = own(Tensor::from(x, {longest, batch, features_}));
  return in;
}

// x [T, B S, F] with the vector of each window's series, the same for its S paths.
Tensor AutoregressiveForecaster::with_identity(const Tensor& x, const Panel& panel,
                                               std::span<const ForecastWindow> windows, int64_t paths) const {
  if (!identity_) return x;
  const Tensor own = repeat((*identity_)(identities_of(panel, windows)), 0, paths);
  return concat({x, repeat(reshape(own, {1, own.size(0), own.size(1)}), 0, x.size(0))}, 2);
}

Tensor AutoregressiveForecaster::own(const Tensor& x) const { return cast(x, output_.weight->dtype()); }

// y [T, B, H] -> what the head reads [T B, W].
Tensor AutoregressiveForecaster::parameters_of(const Tensor& y, Mode mode) const {
  const Tensor dropped = drop_features(y, dropout_, false, mode);
  return reshape(output_(dropped), {y.size(0) * y.size(1), head_->width()});
}

ForecastLoss AutoregressiveForecaster::loss(const Panel& panel, std::span<const ForecastWindow> windows, Mode mode,
                                            GradientTrace* trace) const {
  const Inputs in = read(panel, windows, horizon_);
  const int64_t steps = in.x.size(0), batch = std::ssize(windows);
  const size_t count = static_cast<size_t>(steps * batch);
  std::vector<float> target(count, 0), known(count, 0), scale(count, 1);
  for (int64_t b = 0; b < batch; ++b) {
    const Memory& memory = in.memories[b];
    for (int64_t k = 0; k < in.lengths[b]; ++k) {
      const int64_t t = first_step(windows[b]) + k;
      // Measured on the horizon alone, trained on all that is known.
      const bool counts = mode.is_training() || t >= windows[b].origin;
      target[k * batch + b] = memory.values.values[t - memory.begin];
      known[k * batch + b] = counts ? 1 - memory.values.missing[t - memory.begin] : 0;
      scale[k * batch + b] = in.scales[b].map.scale;
    }
  }
  const Tensor x = with_identity(in.x, panel, windows, 1);
  const Tensor raw = parameters_of(rnn_(x, {.lengths = in.lengths, .mode = mode, .trace = trace}).y, mode);
  const Shape shape{steps * batch};
  const Tensor losses = head_->loss(raw, own(Tensor::from(target, shape)), own(Tensor::from(scale, shape)));
  const auto counted = static_cast<double>(std::ranges::count(known, 1.0f));
  return {.mean = masked_mean(losses, own(Tensor::from(known, shape)), counted), .known = counted};
}

WindowPaths AutoregressiveForecaster::forecast(const Panel& panel, std::span<const ForecastWindow> windows,
                                               int64_t samples, Random& random) const {
  const int64_t batch = std::ssize(windows), paths = draws_paths() ? samples : 1, width = head_->width();
  Inputs in = read(panel, windows, 0);
  RecurrentState state =
      rnn_(with_identity(in.x, panel, windows, 1), {.lengths = in.lengths, .mode = Mode::evaluation()}).state;
  for (Tensors& layer : state.layers) {
    for (Tensor& part : layer) part = repeat(part, 0, paths);
  }
  std::vector<Memory> memories;  // of every path of every window
  for (const Memory& memory : in.memories) memories.insert(memories.end(), static_cast<size_t>(paths), memory);
  WindowPaths out(windows.size(), std::vector<float>(static_cast<size_t>(paths * horizon_)));
  std::vector<float> x(static_cast<size_t>(batch * paths * features_));
  for (int64_t h = 0; h < horizon_; ++h) {
    std::ranges::fill(x, 0.0f);
    for (int64_t row = 0; row < batch * paths; ++row) {
      const ForecastWindow& window = windows[row / paths];
      write_step(panel, window, window.origin + h, memories[row], x.data() + row * features_);
    }
    const Tensor step = with_identity(own(Tensor::from(x, {1, batch * paths, features_})), panel, windows, paths);
    const RecurrentOutput made = rnn_(step, {.state = state, .mode = Mode::evaluation()});
    state = made.state;
    const Tensor raw = parameters_of(made.y, Mode::evaluation()).clone(DType::kF32);
    for (int64_t row = 0; row < batch * paths; ++row) {
      const WindowScale& scale = in.scales[row / paths];
      const auto parameters = raw.values<float>().subspan(static_cast<size_t>(row * width), static_cast<size_t>(width));
      const float drawn = head_->sample(parameters, scale.map.scale, random);
      memories[row].values.values.push_back(drawn);
      memories[row].values.missing.push_back(0);
      out[row / paths][row % paths * horizon_ + h] = scale.invert(drawn);
    }
  }
  return out;
}

}  // namespace recur
