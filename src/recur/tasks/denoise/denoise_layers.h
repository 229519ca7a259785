// The recurrent layers of denoising networks.
#pragma once

#include <cstdint>

#include "recur/nn/recurrent.h"
#include "recur/tasks/denoise/denoise_options.h"

namespace recur {

// Over sequences of `steps` steps in training, which lstm_batch_norm has statistics for.
Recurrent layers_of(RecurrentOptions options, int64_t steps, Random& random);

// A lower bound on the numbers that they have in a model file, as least_parameters().
double least_layers(const DenoiseModelOptions& options, int64_t steps);

}  // namespace recur
