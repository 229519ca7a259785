// Drawing the next symbol from what a network gives for each.
#pragma once

#include <cstdint>
#include <span>

#include "recur/base/random.h"

namespace recur {

struct SamplingOptions {
  double temperature = 1;  // logits are divided by it; 0: always the most probable symbol
  int64_t top_k = 0;       // only the K most probable symbols (Fan, Lewis and Dauphin, 2018); 0: all
  double top_p = 1;        // only the fewest symbols that together have this probability (Holtzman et al., 2020)
};

// The index drawn. A logit of -infinity is never drawn; of equal ones the first counts as more probable. Takes one
// number of `random` unless the temperature is 0. Throws Error for options out of range, NaN, and when every logit is
// -infinity.
int32_t sample(std::span<const float> logits, const SamplingOptions& options, Random& random);

}  // namespace recur
