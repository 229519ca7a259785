// Windows side by side as tensors: what every decoder reads and is measured against.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/tasks/forecast/window_scale.h"
#include "recur/tasks/forecast/windows.h"
#include "recur/tensor/tensor.h"

namespace recur {

// The values of one window's past at the network's scale, with the gaps filled by the value before them.
struct WindowPast {
  std::vector<float> values;   // of steps begin .. origin - 1
  std::vector<float> missing;  // 1 where a value was filled in
};
WindowPast scaled_past(const Panel& panel, const ForecastWindow& window, const WindowScale& scale, int64_t begin);

// The steps to forecast, [B, H] each.
struct ForecastTargets {
  Tensor values;     // at the network's scale and from the base on, 0 where not known
  Tensor known;      // 1 or 0
  Tensor scale;      // of each step to the data's units
  double count = 0;  // of known steps
};
ForecastTargets forecast_targets(const Panel& panel, std::span<const ForecastWindow> windows,
                                 std::span<const WindowScale> scales, int64_t horizon);

// sum(losses known) / count, or 0 where nothing is known.
Tensor masked_mean(const Tensor& losses, const Tensor& known, double count);

std::vector<WindowScale> window_scales(const Panel& panel, std::span<const ForecastWindow> windows,
                                       const ScaleRule& rule);

// Covariates of row t of the window's sequence; 0 before its beginning. Throws Error for columns known ahead at rows
// that the data do not have.
void write_past(const Panel& panel, const ForecastWindow& window, int64_t t, float* out);
void write_ahead(const Panel& panel, const ForecastWindow& window, int64_t t, float* out);
// Of each window: [B, S], and the rows of the identity table i32 [B].
Tensor statics_of(const Panel& panel, std::span<const ForecastWindow> windows);
Tensor identities_of(const Panel& panel, std::span<const ForecastWindow> windows);

// Numbers at a window's scale in units of the data again, differentiable.
Tensor inverted(const Tensor& scaled, const WindowScale& scale);

}  // namespace recur
