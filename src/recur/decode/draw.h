// Sampling a sequence from a step model.
#pragma once

#include <cstdint>
#include <functional>

#include "recur/decode/sampling.h"
#include "recur/decode/step_model.h"

namespace recur {

struct DrawOptions {
  int32_t first = 0;   // the symbol before the first one drawn
  int64_t length = 1;  // symbols to draw
  SamplingOptions sampling = {};
};

// Samples symbols one by one and passes each to `take`, which returns false to stop.
void draw(const StepModel& model, const DrawOptions& options, Random& random,
          const std::function<bool(int32_t symbol)>& take);

}  // namespace recur
