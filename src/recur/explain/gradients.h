// Attributions by gradients.
#pragma once

#include <cstdint>

#include "recur/explain/attribution.h"
#include "recur/explain/parts.h"
#include "recur/tasks/explainable.h"

namespace recur {

// x times the gradient of the score with respect to it: Shrikumar, Greenside, Shcherbina and Kundaje, "Not just a black
// box" (2016). `parts` as of a baseline of zeros.
Attribution gradient_times_input(const Explainable& record, const Parts& parts);

struct IntegratedGradientsOptions {
  int64_t points = 50;  // of Gauss and Legendre's rule
  // Where the values are further off the difference of scores, as a part of it, the path is cut in halves again and
  // again, there where they are off most; up to 64 pieces of `points` each.
  double tolerance = 1e-3;
};

// (x - x') times the mean gradient on the straight line from the baseline x' to x: Sundararajan, Taly and Yan,
// "Axiomatic attribution for deep networks" (2017). The values add up to the score less that of the baseline.
Attribution integrated_gradients(const Explainable& record, const Tensor& baseline, const Parts& parts,
                                 const IntegratedGradientsOptions& options = {});

}  // namespace recur
