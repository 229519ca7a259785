// What is too loud to be learnt from.
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/frame_rows.h"

namespace recur {

// Throws Error for features of a sound whose samples, of a file of floating-point numbers, were too large for them.
inline void check_finite_features(const FrameRows& rows, std::string_view name) {
  if (std::ranges::all_of(rows.values, [](float value) { return std::isfinite(value); })) return;
  fail("{}: its samples are too large: features are not finite", name);
}

}  // namespace recur
