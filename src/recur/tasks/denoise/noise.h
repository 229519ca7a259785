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

// What noise is measured by: by default the values of pictures, in 0 .. 1.
struct NoiseScale {
  double unit = 1.0 / 255;        // of the level of gaussian noise
  float least = 0, greatest = 1;  // what impulses become
  bool bounded = true;            // whether `cut` counts
};

// Adds noise of a level that is drawn. Missing values (NaN) stay so.
void add_noise(std::span<float> values, const DenoiseNoiseOptions& options, Random& random,
               const NoiseScale& scale = {});

}  // namespace recur
