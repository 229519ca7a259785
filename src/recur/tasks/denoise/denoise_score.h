// How good what a model of denoising makes of pictures is.
#pragma once

#include <cstdint>

#include "recur/tasks/denoise/denoiser.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"

namespace recur {

// Metrics of pictures whose clean ones are known, beside the noisy ones and a median filter. With `rows`, writes one a
// picture.
Evaluation measure(const Denoiser& denoiser, const PlaneSource& noisy, const PlaneSource& clean, Sink* rows = nullptr,
                   bool baselines = true);

// The same where no clean pictures are known: the loss at blind spots (blind_spots.h), which follow from seed and
// number alone. It holds the noise of these pixels, too, so that the best there is, is the variance of the noise.
Evaluation measure_blind(const Denoiser& denoiser, const PlaneSource& noisy, uint64_t seed, Sink* rows = nullptr,
                         bool baselines = true);

}  // namespace recur
