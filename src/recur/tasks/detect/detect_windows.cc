#include "recur/tasks/detect/detect_windows.h"

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

int64_t longest(std::span<const Window> windows) {
  int64_t steps = 1;
  for (const Window& window : windows) steps = std::max(steps, window.steps);
  return steps;
}

int64_t count(const DetectData& data, const Window& window, Truth truth) {
  const auto begin = data.sequences[window.sequence].truth.begin() + window.begin;
  return std::count(begin, begin + window.steps, truth);
}

}  // namespace

std::vector<Window> cut_windows(const DetectData& data, int64_t window, int64_t stride) {
  std::vector<Window> windows;
  for (int32_t i = 0; i < data.size(); ++i) {
    const int64_t steps = data.sequences[i].steps;
    for (int64_t begin = 0; begin < steps; begin += stride) {
      windows.push_back({i, begin, std::min(window, steps - begin)});
      if (begin + window >= steps) break;
    }
  }
  return windows;
}

std::vector<Window> training_windows(const DetectData& data, int64_t window, const std::string& method) {
  std::vector<Window> windows = cut_windows(data, window, window / 2);
  std::erase_if(windows, [&](const Window& each) {
    if (method == "classify") return count(data, each, Truth::kUnknown) == each.steps;
    const int64_t anomalous = count(data, each, Truth::kAnomalous);
    return method == "reconstruct" ? anomalous > 0 : anomalous == each.steps;
  });
  return windows;
}

WindowBatch make_windows(const DetectData& data, std::span<const Window> windows, bool late) {
  const int64_t features = data.features, batch = std::ssize(windows);
  WindowBatch out{.x = Tensor::zeros({longest(windows), batch, features}), .lengths = {}};
  float* x = out.x.data<float>();
  for (int64_t b = 0; b < batch; ++b) {
    const Window& window = windows[b];
    out.lengths.push_back(window.steps);
    const std::vector<float>& input = data.sequences[window.sequence].input;
    for (int64_t t = 0; t < window.steps; ++t) {
      const int64_t from = window.begin + t - (late ? 1 : 0);
      if (from >= 0) std::copy_n(input.begin() + from * features, features, x + (t * batch + b) * features);
    }
  }
  return out;
}

WindowTargets make_targets(const DetectData& data, std::span<const Window> windows, bool classify,
                           double anomaly_weight) {
  const int64_t width = classify ? 1 : data.channels, batch = std::ssize(windows);
  const Shape shape{longest(windows), batch, width};
  WindowTargets out{.values = Tensor::zeros(shape), .weights = Tensor::zeros(shape)};
  float* values = out.values.data<float>();
  float* weights = out.weights.data<float>();
  for (int64_t b = 0; b < batch; ++b) {
    const DetectSequence& sequence = data.sequences[windows[b].sequence];
    for (int64_t t = 0; t < windows[b].steps; ++t) {
      const int64_t from = windows[b].begin + t, to = (t * batch + b) * width;
      const Truth truth = sequence.truth[from];
      if (classify) {
        values[to] = truth == Truth::kAnomalous ? 1.0f : 0.0f;
        weights[to] = truth == Truth::kUnknown  ? 0.0f
                      : truth == Truth::kNormal ? 1.0f
                                                : static_cast<float>(anomaly_weight);
        continue;
      }
      for (int64_t c = 0; c < width; ++c) {
        const float value = sequence.target[from * width + c];
        if (truth == Truth::kAnomalous || std::isnan(value)) continue;
        values[to + c] = value;
        weights[to + c] = 1;
      }
    }
  }
  return out;
}

}  // namespace recur
