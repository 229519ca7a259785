#include "recur/tasks/detect/detect_windows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <utility>

namespace recur {
namespace {

int64_t longest_of(std::span<const DetectExample> windows) {
  int64_t steps = 1;
  for (const DetectExample& each : windows) steps = std::max(steps, each.window.steps);
  return steps;
}

// Whether there is something to learn from a window, by its steps of each truth.
using TruthCounts = std::array<int64_t, 3>;
bool teaches(const TruthCounts& counts, const std::string& method) {
  const auto count = [&](Truth truth) { return counts[static_cast<size_t>(truth)]; };
  const int64_t anomalous = count(Truth::kAnomalous),
                steps = anomalous + count(Truth::kNormal) + count(Truth::kUnknown);
  if (method == "classify") return count(Truth::kUnknown) < steps;
  return method == "reconstruct" ? anomalous == 0 : anomalous < steps;
}

// Calls visit(k, counts) with the number of each window of a sequence, given in order, and its steps of each truth; one
// pass over the steps.
template <class Visit>
void count_truths(const DetectData& data, std::span<const Window> windows, const Visit& visit) {
  TruthCounts all{};
  size_t begun = 0, ended = 0;
  std::deque<TruthCounts> before;  // of windows that have begun and not ended
  data.for_each_part(windows.front().sequence, [&](const DetectPart& part, int64_t first) {
    for (int64_t t = first; t < first + part.steps(); ++t) {
      for (; begun < windows.size() && windows[begun].begin == t; ++begun) before.push_back(all);
      ++all[static_cast<size_t>(part.truth[t - first])];
      for (; ended < begun && windows[ended].begin + windows[ended].steps == t + 1; ++ended) {
        TruthCounts counts = all;
        for (size_t k = 0; k < counts.size(); ++k) counts[k] -= before.front()[k];
        before.pop_front();
        visit(ended, counts);
      }
    }
  });
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
  const std::vector<Window> windows = cut_windows(data, window, window / 2);
  std::vector<Window> kept;
  for (size_t begin = 0, end = 0; begin < windows.size(); begin = end) {
    while (end < windows.size() && windows[end].sequence == windows[begin].sequence) ++end;
    const auto of_sequence = std::span(windows).subspan(begin, end - begin);
    count_truths(data, of_sequence, [&](size_t k, const TruthCounts& counts) {
      if (teaches(counts, method)) kept.push_back(of_sequence[k]);
    });
  }
  return kept;
}

DetectExample load_window(const DetectData& data, const Window& window, bool late, int64_t since) {
  const int64_t first = std::max(window.begin - (late ? 1 : 0), std::min(since, window.begin));
  return {.window = window, .first = first, .steps = data.part(window.sequence, first, window.begin + window.steps)};
}

std::vector<DetectExample> load_windows(const DetectData& data, std::span<const Window> windows, bool late) {
  std::vector<DetectExample> out;
  for (const Window& window : windows) out.push_back(load_window(data, window, late));
  return out;
}

DatasetPtr<DetectExample> dataset_of(std::shared_ptr<const DetectData> data, std::vector<Window> windows, bool late) {
  const bool in_memory = data->in_memory();
  std::vector<int64_t> lengths;
  for (const Window& window : windows) lengths.push_back(window.steps);
  const auto load = [data = std::move(data), all = std::move(windows), late](int64_t i, Random&) {
    return load_window(*data, all[static_cast<size_t>(i)], late);
  };
  return function_dataset<DetectExample>(std::move(lengths), load, in_memory);
}

WindowBatch make_windows(std::span<const DetectExample> windows, int64_t features, bool late) {
  const int64_t batch = std::ssize(windows);
  WindowBatch out{.x = Tensor::zeros({longest_of(windows), batch, features}), .lengths = {}};
  float* x = out.x.data<float>();
  for (int64_t b = 0; b < batch; ++b) {
    const auto& [window, first, steps] = windows[b];
    out.lengths.push_back(window.steps);
    for (int64_t t = 0; t < window.steps; ++t) {
      const int64_t from = window.begin + t - (late ? 1 : 0) - first;
      if (from >= 0) std::copy_n(steps.input.begin() + from * features, features, x + (t * batch + b) * features);
    }
  }
  return out;
}

WindowBatch make_windows(const DetectData& data, std::span<const Window> windows, bool late) {
  return make_windows(load_windows(data, windows, late), data.features, late);
}

WindowTargets make_targets(std::span<const DetectExample> windows, int64_t channels, bool classify,
                           double anomaly_weight) {
  const int64_t width = classify ? 1 : channels, batch = std::ssize(windows);
  const Shape shape{longest_of(windows), batch, width};
  WindowTargets out{.values = Tensor::zeros(shape), .weights = Tensor::zeros(shape)};
  float* values = out.values.data<float>();
  float* weights = out.weights.data<float>();
  for (int64_t b = 0; b < batch; ++b) {
    const auto& [window, first, steps] = windows[b];
    for (int64_t t = 0; t < window.steps; ++t) {
      const int64_t from = window.begin + t - first, to = (t * batch + b) * width;
      const Truth truth = steps.truth[from];
      if (classify) {
        values[to] = truth == Truth::kAnomalous ? 1.0f : 0.0f;
        weights[to] = truth == Truth::kUnknown  ? 0.0f
                      : truth == Truth::kNormal ? 1.0f
                                                : static_cast<float>(anomaly_weight);
        continue;
      }
      for (int64_t c = 0; c < width; ++c) {
        const float value = steps.target[from * width + c];
        if (truth == Truth::kAnomalous || std::isnan(value)) continue;
        values[to + c] = value;
        weights[to + c] = 1;
      }
    }
  }
  return out;
}

WindowTargets make_targets(const DetectData& data, std::span<const Window> windows, bool classify,
                           double anomaly_weight) {
  return make_targets(load_windows(data, windows, false), data.channels, classify, anomaly_weight);
}

}  // namespace recur
