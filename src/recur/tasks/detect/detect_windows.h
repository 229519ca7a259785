// Windows of series, on which the network is trained.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/dataset.h"
#include "recur/tasks/detect/detect_data.h"
#include "recur/tensor/tensor.h"

namespace recur {

// Steps [begin, begin + steps) of a sequence.
struct Window {
  int32_t sequence = 0;
  int64_t begin = 0, steps = 0;
};

// All of every sequence, in pieces of `window` steps, each `stride` steps behind the one before; of each sequence the
// last may be shorter.
std::vector<Window> cut_windows(const DetectData& data, int64_t window, int64_t stride);
// Those to learn from, half over each other: without anomalies for a reconstruction, with something normal for a
// forecast, with something labelled for classification.
std::vector<Window> training_windows(const DetectData& data, int64_t window, const std::string& method);

// A window with its steps.
struct DetectExample {
  Window window;
  int64_t first = 0;  // of the sequence, where `steps` begin: a step before the window for a forecast
  DetectPart steps;
};
// `late`: of a forecast. Steps before `since` count as if they were not there.
DetectExample load_window(const DetectData& data, const Window& window, bool late, int64_t since = 0);
std::vector<DetectExample> load_windows(const DetectData& data, std::span<const Window> windows, bool late);

// The windows of `data` for a training, loaded when a batch asks for them.
DatasetPtr<DetectExample> dataset_of(std::shared_ptr<const DetectData> data, std::vector<Window> windows, bool late);

struct WindowBatch {
  Tensor x;                      // [T, B, F], zeros in the padding; of a forecast a step late: what was known before
  std::vector<int64_t> lengths;  // of each window
};
WindowBatch make_windows(std::span<const DetectExample> windows, int64_t features, bool late);
WindowBatch make_windows(const DetectData& data, std::span<const Window> windows, bool late);

// The targets and weights of the outputs, both [T, B, O]: the channels for forecast and reconstruct, the truth for
// classify. The weight is 0 for missing values, unknown truth, padding and, except for classify, anomalies.
struct WindowTargets {
  Tensor values, weights;
};
// anomaly_weight: of anomalous steps in classification; others count 1.
WindowTargets make_targets(std::span<const DetectExample> windows, int64_t channels, bool classify,
                           double anomaly_weight = 1);
WindowTargets make_targets(const DetectData& data, std::span<const Window> windows, bool classify,
                           double anomaly_weight = 1);

}  // namespace recur
