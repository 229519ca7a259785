// How far back a model looks: gradients of a score through time.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/tasks/explainable.h"

namespace recur {

// norms[k]: the norm of the gradient of the score with respect to the input k steps before the last step that it
// depends on, after Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013).
struct MemoryCurve {
  std::vector<double> norms;
  int64_t last_step = 0;  // from 0, of k = 0

  // The least number of last steps that have `share` of the sum of norms; 0 where all are 0.
  int64_t steps_of(double share) const;
};

MemoryCurve memory_of(const Explainable& record);

// The mean over records of their curves, each as shares of its sum: what steps_of() of it gives is the effective memory
// of the model on these data.
MemoryCurve mean_curve(const std::vector<MemoryCurve>& curves);

}  // namespace recur
