// Attributions by taking parts away.
#pragma once

#include <cstdint>

#include "recur/explain/attribution.h"
#include "recur/explain/parts.h"
#include "recur/tasks/explainable.h"

namespace recur {

// How much the score falls when a part is as in the baseline: Zeiler and Fergus, "Visualizing and understanding
// convolutional networks" (2014). With a window of several steps a part is taken away together with those of its
// channel in the next steps; it gets the mean over all windows that it lies in, which begin at each step and do not
// reach past the end. `parts` are of one step each.
Attribution occlusion(const Explainable& record, const Tensor& baseline, const Parts& parts, int64_t window = 1);

}  // namespace recur
