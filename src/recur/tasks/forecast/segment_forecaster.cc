#include "recur/tasks/forecast/segment_forecaster.h"

#include <algorithm>
#include <cmath>

#include "recur/base/quantile.h"
#include "recur/nn/dropout.h"
#include "recur/nn/pooling.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/softmax.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The value, whether it was missing, and the covariates of a step.
int64_t step_features(const ForecastSizes& sizes) { return 2 + sizes.past + sizes.ahead; }

RecurrentOptions layers_of(const ForecastOptions& options) {
  RecurrentOptions rnn = options.model.rnn;
  rnn.input = rnn.widths.empty() ? rnn.hidden : rnn.widths.front();
  rnn.dropout = options.model.dropout;
  return rnn;
}

}  // namespace

SegmentForecaster::SegmentForecaster(const ForecastOptions& options, const ForecastSizes& sizes, Random& random)
    : horizon_(options.data.horizon),
      segment_(options.model.segment),
      segments_ahead_(ceil_div(horizon_, segment_)),
      features_(step_features(sizes)),
      highway_steps_(options.model.highway.value_or(0)),
      dropout_(options.model.dropout),
      rule_{.scaler = options.data.scaler,
            .center = options.data.center,
            .log = options.data.log,
            .context = options.data.context,
            .base = options.model.base,
            .season = options.data.season,
            .horizon = options.data.horizon},
      head_(make_head(options.model.head, options.model.quantiles)),
      input_({.in = segment_ * features_, .out = layers_of(options).input}, random),
      rnn_(layers_of(options), random),
      place_(Tensor::empty({segments_ahead_, layers_of(options).input})),
      output_({.in = rnn_.output_features(), .out = segment_ * head_->width()}, random) {
  const int64_t width = rnn_.options().input;
  init::normal(place_, 0, 1, random);
  register_module("input", input_);
  register_module("rnn", rnn_);
  register_parameter("place", place_);
  const auto add = [&](std::optional<Linear>& layer, const std::string& name, const LinearOptions& linear) {
    layer.emplace(linear, random);
    register_module(name, *layer);
  };
  if (sizes.identities > 1) {
    identity_.emplace(EmbeddingOptions{.vocabulary = sizes.identities, .features = width}, random);
    register_module("identity", *identity_);
  }
  if (sizes.statics > 0) add(statics_, "statics", {.in = sizes.statics, .out = width});
  if (sizes.ahead > 0) add(ahead_, "ahead", {.in = segment_ * sizes.ahead, .out = width});
  if (options.model.attention) {
    add(attention_, "attention", {.in = 2 * rnn_.output_features(), .out = rnn_.output_features()});
  }
  register_module("output", output_);
  if (rule_.base == "theta") {  // so that it starts from there
    init::constant(output_.weight, 0);
    init::constant(output_.bias, 0);
  }
  if (highway_steps_ > 0) {
    add(highway_, "highway", {.in = highway_steps_, .out = horizon_});
    init::constant(highway_->weight, 0);  // so that it starts from what is subtracted from a window
    init::constant(highway_->bias, 0);
  }
}

SegmentForecaster::Inputs SegmentForecaster::read(const Panel& panel, std::span<const ForecastWindow> windows,
                                                  std::span<const WindowScale> scales) const {
  Inputs in;
  for (const ForecastWindow& window : windows) {
    in.lengths.push_back(ceil_div(std::min(rule_.context, window.origin), segment_));
  }
  const int64_t longest = std::ranges::max(in.lengths), batch = std::ssize(windows), width = segment_ * features_;
  std::vector<float> x(static_cast<size_t>(longest * batch * width), 0), recent;
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t steps = in.lengths[b] * segment_, begin = windows[b].origin - steps;
    const WindowPast past = scaled_past(panel, windows[b], scales[b], begin);
    for (int64_t t = 0; t < steps; ++t) {
      float* to = x.data() + (t / segment_ * batch + b) * width + t % segment_ * features_;
      to[0] = past.values[t];
      to[1] = past.missing[t];
      write_past(panel, windows[b], begin + t, to + 2);
      write_ahead(panel, windows[b], begin + t, to + 2 + panel.past_features);
    }
    for (int64_t back = highway_steps_; back > 0; --back) {
      recent.push_back(past.values[std::max<int64_t>(steps - back, 0)]);
    }
  }
  in.segments = own(Tensor::from(x, {longest, batch, width}));
  if (highway_steps_ > 0) in.recent = own(Tensor::from(recent, {batch, highway_steps_}));
  if (identity_) in.identities = identities_of(panel, windows);
  if (statics_) in.statics = own(statics_of(panel, windows));
  if (ahead_) in.ahead = ahead_of(panel, windows);
  return in;
}

Tensor SegmentForecaster::ahead_of(const Panel& panel, std::span<const ForecastWindow> windows) const {
  const int64_t batch = std::ssize(windows), features = panel.ahead_features, row = segment_ * features;
  std::vector<float> ahead(static_cast<size_t>(segments_ahead_ * batch * row), 0);
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t h = 0; h < horizon_; ++h) {
      float* to = ahead.data() + (h / segment_ * batch + b) * row + h % segment_ * features;
      write_ahead(panel, windows[b], windows[b].origin + h, to);
    }
  }
  return own(Tensor::from(ahead, {segments_ahead_, batch, row}));
}

// What tells the segments ahead of the windows from each other.
Tensor SegmentForecaster::places(const Inputs& in) const {
  const int64_t batch = in.segments.size(1), width = rnn_.options().input;
  Tensor x = repeat(reshape(place_, {segments_ahead_, 1, width}), 1, batch);
  if (identity_) x = x + (*identity_)(in.identities);
  if (statics_) x = x + (*statics_)(in.statics);
  return ahead_ ? x + (*ahead_)(in.ahead) : x;
}

// Of each segment ahead [M, B, H], with the segments read [N, B, H] weighted by how well they go with it.
Tensor SegmentForecaster::attend(const Tensor& y, const Tensor& ahead, const std::vector<int64_t>& lengths) const {
  const Tensor keys = permute(y, {1, 0, 2}), queries = permute(ahead, {1, 0, 2});
  Tensor scores = matmul(queries, keys, {.trans_b = true}) / std::sqrt(static_cast<double>(y.size(2)));  // [B, M, N]
  if (const Tensor padding = padding_mask(y.size(0), y.size(1), lengths); padding.defined()) {
    constexpr double kNever = -1e9;
    scores = masked_fill(scores, permute(padding, {1, 2, 0}), kNever);
  }
  const Tensor found = permute(matmul(softmax(scores), keys), {1, 0, 2});
  return tanh((*attention_)(concat({ahead, found}, 2)));
}

Tensor SegmentForecaster::operator()(const Inputs& in, Mode mode, GradientTrace* trace) const {
  const int64_t batch = in.segments.size(1), width = rnn_.options().input, outputs = head_->width();
  const RecurrentOutput read = rnn_(relu(input_(in.segments)), {.lengths = in.lengths, .mode = mode, .trace = trace});
  RecurrentState state = read.state;
  for (Tensors& layer : state.layers) {
    for (Tensor& part : layer) part = tile(part, 0, segments_ahead_);
  }
  const Tensor x = reshape(places(in), {1, segments_ahead_ * batch, width});
  Tensor y = reshape(rnn_(x, {.state = state, .mode = mode}).y, {segments_ahead_, batch, rnn_.output_features()});
  if (attention_) y = attend(read.y, y, in.lengths);
  y = drop_features(y, dropout_, false, mode);
  const Tensor steps = permute(reshape(output_(y), {segments_ahead_, batch, segment_ * outputs}), {1, 0, 2});
  const Tensor raw = slice(reshape(steps, {batch, segments_ahead_ * segment_, outputs}), {1, 0}, horizon_);
  return highway_ ? add_highway(raw, in.recent) : raw;
}

Tensor SegmentForecaster::own(const Tensor& x) const { return cast(x, output_.weight->dtype()); }

Tensor SegmentForecaster::add_highway(const Tensor& raw, const Tensor& recent) const {
  const Tensor level = reshape((*highway_)(recent), {raw.size(0), horizon_, 1});
  const int64_t locations = head_->locations();
  if (locations == head_->width()) return raw + level;
  return concat({slice(raw, {2, 0}, locations) + level, slice(raw, {2, locations}, head_->width() - locations)}, 2);
}

ForecastLoss SegmentForecaster::loss(const Panel& panel, std::span<const ForecastWindow> windows, Mode mode,
                                     GradientTrace* trace) const {
  const std::vector<WindowScale> scales = window_scales(panel, windows, rule_);
  const Tensor raw = (*this)(read(panel, windows, scales), mode, trace);
  const ForecastTargets targets = forecast_targets(panel, windows, scales, horizon_);
  const int64_t steps = std::ssize(windows) * horizon_;
  const Tensor losses = head_->loss(reshape(raw, {steps, head_->width()}), reshape(own(targets.values), {steps}),
                                    reshape(own(targets.scale), {steps}));
  return {.mean = masked_mean(losses, reshape(own(targets.known), {steps}), targets.count), .known = targets.count};
}

WindowPaths SegmentForecaster::forecast(const Panel& panel, std::span<const ForecastWindow> windows, int64_t samples,
                                        Random& random) const {
  const std::vector<WindowScale> scales = window_scales(panel, windows, rule_);
  const Tensor raw = (*this)(read(panel, windows, scales), Mode::evaluation()).clone(DType::kF32);
  const auto values = raw.values<float>();
  const auto spread = static_cast<size_t>(head_->spread_size(samples));
  const auto horizon = static_cast<size_t>(horizon_), width = static_cast<size_t>(head_->width());
  WindowPaths paths;
  std::vector<float> step(spread);
  for (size_t b = 0; b < windows.size(); ++b) {
    std::vector<float>& out = paths.emplace_back(spread * horizon);
    for (size_t h = 0; h < horizon; ++h) {
      const float base = scales[b].base_of(static_cast<int64_t>(h));
      head_->spread(values.subspan((b * horizon + h) * width, width), scales[b].map.scale, random, step);
      for (size_t k = 0; k < spread; ++k) out[k * horizon + h] = scales[b].invert(step[k] + base);
    }
  }
  return paths;
}

// Of quantiles, those of the errors less their median, by the step in a segment: the base itself stays the median.
void SegmentForecaster::begin_with_errors(const Panel& panel, std::span<const ForecastWindow> windows) {
  const int64_t width = head_->width();
  if (rule_.base == "none" || width == 1 || head_->locations() != width) return;
  const std::vector<WindowScale> scales = window_scales(panel, windows, rule_);
  const ForecastTargets targets = forecast_targets(panel, windows, scales, horizon_);
  const auto errors = targets.values.values<float>(), known = targets.known.values<float>();
  std::vector<float> bias(static_cast<size_t>(segment_ * width), 0);
  for (int64_t step = 0; step < std::min(segment_, horizon_); ++step) {
    std::vector<float> of_step;
    for (int64_t i = 0; i < std::ssize(errors); ++i) {
      const auto at = static_cast<size_t>(i);
      if (i % horizon_ % segment_ == step && known[at] != 0) of_step.push_back(errors[at]);
    }
    if (of_step.empty()) continue;
    sort_numbers(of_step);
    const double middle = quantile(std::span<const float>(of_step), 0.5);
    for (int64_t k = 0; k < width; ++k) {
      const double level = static_cast<double>(k + 1) / static_cast<double>(width + 1);
      bias[static_cast<size_t>(step * width + k)] =
          static_cast<float>(quantile(std::span<const float>(of_step), level) - middle);
    }
  }
  Tensor to = output_.bias;
  to.copy_from(own(Tensor::from(bias, to.shape())));
}

// The inputs of one window with the steps x [N w, B, F] in the place of its own, B times.
SegmentForecaster::Inputs SegmentForecaster::with_past(const Inputs& one, const Tensor& x) const {
  const int64_t steps = x.size(0), batch = x.size(1), segments = steps / segment_;
  Inputs in;
  const Tensor parted = permute(reshape(x, {segments, segment_, batch, features_}), {0, 2, 1, 3});
  in.segments = reshape(parted, {segments, batch, segment_ * features_});
  in.lengths.assign(static_cast<size_t>(batch), segments);
  if (highway_steps_ > 0) {
    Tensors recent;
    for (int64_t back = highway_steps_; back > 0; --back) {
      recent.push_back(slice(row(x, std::max<int64_t>(steps - back, 0)), {1, 0}, 1));
    }
    in.recent = concat(recent, 1);
  }
  if (identity_) {
    const int32_t id = one.identities.values<int32_t>()[0];
    in.identities = Tensor::from(std::vector<int32_t>(static_cast<size_t>(batch), id), {batch});
  }
  if (statics_) in.statics = tile(one.statics, 0, batch);
  if (ahead_) in.ahead = tile(one.ahead, 1, batch);
  return in;
}

WindowFunction SegmentForecaster::function(const Panel& panel, const ForecastWindow& window) const {
  const WindowScale scale = window_scale(panel, window, rule_);
  const Inputs one = read(panel, std::span(&window, 1), std::span(&scale, 1));
  const int64_t steps = one.segments.size(0) * segment_;
  WindowFunction out;
  out.x = reshape(one.segments, {steps, features_});
  out.begin = window.origin - steps;
  out.channel_of = {0, 0};
  for (int64_t f = 2; f < features_; ++f) out.channel_of.push_back(f - 1);
  out.values = [this, one, scale](const Tensor& x, std::optional<double> level) {
    const int64_t batch = x.size(1);
    const Tensor raw = (*this)(with_past(one, x), Mode::evaluation());
    const Tensor values =
        reshape(head_->value(reshape(raw, {batch * horizon_, head_->width()}), level), {batch, horizon_});
    if (scale.base.empty()) return inverted(values, scale);
    return inverted(values + own(Tensor::from(scale.base, {1, horizon_})), scale);
  };
  out.recurrent = [this, one](const Tensor& x) {
    return std::vector<RecurrentReading>{
        {.name = "rnn", .network = rnn_, .x = relu(input_(with_past(one, x).segments))}};
  };
  return out;
}

}  // namespace recur
