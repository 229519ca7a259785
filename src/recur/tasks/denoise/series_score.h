// How good what a model of denoising makes of series is.
#pragma once

#include <vector>

#include "recur/tasks/denoise/denoise_score.h"
#include "recur/tasks/denoise/series_scale.h"

namespace recur {

// Noisy series beside clean ones of the same steps; values that are missing in one of the two have no weight. Throws
// Error, naming it, for a series whose clean one has another number of steps.
PieceSource paired(const PlaneSource& noisy, const PlaneSource& clean);

// loss: mean squared error of scaled values; snr: the variance of the clean series, each channel about its mean, over
// the mean squared error, in dB, at most 100; rmse: its root in the unit of the data. Each is a mean over series; of a
// series that is constant there is no snr. Beside the noisy series and the filters, if there are any. With `rows`,
// writes one a series.
Evaluation measure_series(const Denoiser& denoiser, const PieceSource& pieces, const SeriesScale& scale,
                          const std::vector<SimpleFilter>& filters, Sink* rows = nullptr);

}  // namespace recur
