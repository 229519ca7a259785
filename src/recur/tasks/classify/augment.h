// Random changes of series that leave their class as it is, so that a network sees each of few series in many forms.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/base/random.h"
#include "recur/tasks/classify/classify_options.h"
#include "recur/tasks/classify/sequence_encoder.h"

namespace recur {

// Each draws from `random` and gives a series of the same T and F. `channels`: the first of the F features, which are
// values; the others (marks of missing values, static columns) are moved along with them, but not changed.

// Normal noise with a deviation of 0.05: values have 1.
EncodedSequence jittered(EncodedSequence series, int64_t channels, Random& random);
// Each channel times a normal number of mean 1 and deviation 0.1.
EncodedSequence rescaled(EncodedSequence series, int64_t channels, Random& random);
// Four fifths to all of the steps in a row, drawn out to T by straight lines between steps (Le Guennec, Malinowski and
// Tavenard, "Data augmentation for time series classification using convolutional neural networks", 2016).
EncodedSequence cropped(const EncodedSequence& series, Random& random);
// A window of a tenth of the steps at double or half speed, and all drawn out to T (the same).
EncodedSequence warped(const EncodedSequence& series, Random& random);

// Those of `options` that change one series, each with probability 1/2.
EncodedSequence augmented(const EncodedSequence& series, int64_t channels, const AugmentOptions& options,
                          Random& random);

// The series at the places `at` [T'], 0 .. T - 1, between two steps on the straight line.
EncodedSequence resampled(const EncodedSequence& series, std::span<const double> at);

// The share of the first of two mixed examples: Beta(0.2, 0.2), as Zhang, Cisse, Dauphin and Lopez-Paz, "mixup" (2018).
double mixup_share(Random& random);

}  // namespace recur
