// Noise as it is added to clean pictures.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/base/random.h"
#include "recur/tasks/denoise/denoise_options.h"

namespace recur {

// Throws UsageError for levels that are no number or two in order.
void check_noise(const DenoiseNoiseOptions& options);

// The levels between which a picture draws: those given, or the usual ones of the kind of noise.
std::vector<int64_t> levels_of(const DenoiseNoiseOptions& options);

// Adds noise of a level that is drawn to values in 0 .. 1.
void add_noise(std::span<float> values, const DenoiseNoiseOptions& options, Random& random);

}  // namespace recur
