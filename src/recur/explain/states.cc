#include "recur/explain/states.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/stop.h"
#include "recur/nn/layers/sequence_layer.h"
#include "recur/nn/packing.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

std::string state_name(size_t state) { return state == 0 ? "h" : state == 1 ? "c" : std::to_string(state); }

// One layer in one direction over rows [T', F], a step at a time, since its states between steps are asked for.
struct LayerRun {
  Tensor y;                             // [T', P]
  std::vector<StateTrace> traces = {};  // of each state that does not grow
};

LayerRun run_layer(const SequenceLayer& layer, const Tensor& x, const Tensor& decay) {
  const int64_t steps = x.size(0);
  const Packing one(1, 1, {});
  Tensors states = layer.zero_states(1, x.dtype()), y(static_cast<size_t>(steps));
  LayerRun out;
  std::vector<size_t> kept;
  for (size_t k = 0; k < states.size(); ++k) {
    if (layer.growing_axis(k) >= 0) continue;
    kept.push_back(k);
    StateTrace trace{.layer = {},
                     .state = state_name(k),
                     .reverse = layer.reverse(),
                     .steps = steps,
                     .units = states[k].numel(),
                     .values = {}};
    trace.values.resize(static_cast<size_t>(steps * trace.units));
    out.traces.push_back(std::move(trace));
  }
  for (int64_t k = 0; k < steps; ++k) {
    check_stop();
    const int64_t t = layer.reverse() ? steps - 1 - k : k;
    LayerCall call{.packing = one, .mode = Mode::evaluation()};
    if (decay.defined()) call.decay = reshape(row(decay, t), {1, decay.size(2)});
    LayerOutput made = layer.run({.x = rows(x, t, t + 1)}, states, call);
    y[static_cast<size_t>(t)] = made.y;
    states = std::move(made.states);
    for (size_t i = 0; i < kept.size(); ++i) {
      const Tensor plain = states[kept[i]].clone(DType::kF64);
      StateTrace& trace = out.traces[i];
      std::ranges::copy(plain.values<double>(), trace.values.begin() + t * trace.units);
    }
  }
  out.y = concat(y, 0);
  return out;
}

// Without the steps in front that are none of the record's.
void drop_before(StateTrace& trace, int64_t before) {
  trace.values.erase(trace.values.begin(), trace.values.begin() + before * trace.units);
  trace.steps -= before;
}

void trace_network(const RecurrentReading& reading, std::vector<StateTrace>& out) {
  const auto layers = reading.network.layers();
  const size_t directions = reading.network.options().bidirectional ? 2 : 1;
  Tensor x = reshape(reading.x, {reading.x.size(0), reading.x.size(2)});
  for (size_t first = 0; first < layers.size(); first += directions) {
    Tensors sides;
    for (size_t i = first; i < first + directions; ++i) {
      LayerRun run = run_layer(*layers[i], x, reading.decay.empty() ? Tensor() : reading.decay[i]);
      sides.push_back(run.y);
      for (StateTrace& trace : run.traces) {
        trace.layer = fmt::format("{}.l{}{}", reading.name, first / directions, trace.reverse ? ".reverse" : "");
        drop_before(trace, reading.before);
        out.push_back(std::move(trace));
      }
    }
    x = concat(sides, 1);
  }
}

struct Moments {
  double count = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;

  void add(double a, double b) {
    ++count;
    x += a;
    y += b;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  double correlation() const {
    constexpr double kLeast = 3, kFlat = 1e-12;
    if (count < kLeast) return 0;
    const double vx = xx - x * x / count, vy = yy - y * y / count;
    if (vx <= kFlat * xx || vy <= kFlat * yy) return 0;
    return (xy - x * y / count) / std::sqrt(vx * vy);
  }
};

}  // namespace

std::vector<StateTrace> trace_states(const Explainable& record) {
  const autograd::NoGrad no_grad;
  const ReadRecord& read = record.read();
  const auto readings = record.recurrent(reshape(read.x, {read.steps(), 1, read.features()}));
  if (readings.empty()) fail_usage("this model has no recurrent layers over the steps of a record");
  std::vector<StateTrace> out;
  for (const RecurrentReading& reading : readings) trace_network(reading, out);
  return out;
}

const StateTrace& find_state(std::span<const StateTrace> traces, const std::string& layer, const std::string& state) {
  const StateTrace* found = nullptr;
  std::vector<std::string> names;
  for (const StateTrace& each : traces) {
    if (each.state == state && (layer.empty() || each.layer == layer)) found = &each;
    names.push_back(each.layer + " " + each.state);
  }
  if (found == nullptr) {
    fail_usage("the model has no state {} of layer '{}'; it has {}", state, layer, fmt::join(names, ", "));
  }
  return *found;
}

std::vector<StepRun> runs_where_on(const StateTrace& trace, std::span<const int64_t> units, double threshold) {
  for (const int64_t unit : units) {
    if (unit < 0 || unit >= trace.units) {
      fail_usage("units: {} has units 1 to {}, got {}", trace.layer, trace.units, unit + 1);
    }
  }
  std::vector<StepRun> out;
  bool before = false;
  for (int64_t t = 0; t < trace.steps; ++t) {
    const bool on = std::ranges::all_of(units, [&](int64_t unit) { return trace.at(t, unit) > threshold; });
    if (on && !before) out.push_back({t, t});
    if (on) out.back().last = t;
    before = on;
  }
  return out;
}

std::vector<int64_t> units_on_throughout(const StateTrace& trace, const StepRun& run, double threshold) {
  std::vector<int64_t> out;
  for (int64_t unit = 0; unit < trace.units; ++unit) {
    bool on = true;
    for (int64_t t = run.first; t <= run.last; ++t) on = on && trace.at(t, unit) > threshold;
    if (run.first > 0) on = on && !(trace.at(run.first - 1, unit) > threshold);
    if (run.last + 1 < trace.steps) on = on && !(trace.at(run.last + 1, unit) > threshold);
    if (on) out.push_back(unit);
  }
  return out;
}

std::vector<double> channel_correlations(const StateTrace& trace, const ReadRecord& read) {
  if (read.shown.empty()) fail_usage("correlations with channels need a series of numbers; this record is a text");
  if (trace.steps != read.steps()) {
    fail_usage("{} takes {} steps of a record of {}: its units cannot be compared with the channels step by step",
               trace.layer, trace.steps, read.steps());
  }
  const int64_t channels = std::ssize(read.channels);
  std::vector<double> out;
  for (int64_t unit = 0; unit < trace.units; ++unit) {
    for (int64_t c = 0; c < channels; ++c) {
      Moments moments;
      for (int64_t t = 0; t < trace.steps; ++t) {
        const float value = read.shown[static_cast<size_t>(t * channels + c)];
        if (std::isfinite(value)) moments.add(trace.at(t, unit), value);
      }
      out.push_back(moments.correlation());
    }
  }
  return out;
}

}  // namespace recur
