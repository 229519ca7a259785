// Sampling the next symbol from the logits of a network.
#pragma once

#include <cstdint>
#include <span>

#include "recur/base/random.h"

namespace recur {

struct SamplingOptions {
  double temperature = 1;  // logits are divided by it; 0: always the most probable symbol
  int64_t top_k = 0;       // only the K most probable symbols (Fan, Lewis and Dauphin, 2018); 0: all
  double top_p = 1;        // nucleus: the fewest symbols that together have this probability (Holtzman et al., 2020)
};

// Returns the sampled index. A logit of -infinity is never sampled; of equal logits the first ranks higher. Takes one
// number from `random` unless the temperature is 0. Throws Error for options out of range, NaN, and when every logit is
// -infinity.
int32_t sample(std::span<const float> logits, const SamplingOptions& options, Random& random);

}  // namespace recur
