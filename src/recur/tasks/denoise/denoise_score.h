// How good what a model of denoising makes of pictures is.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recur/tasks/denoise/denoiser.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"

namespace recur {

// A denoiser of a few lines, as a baseline: what it makes of a picture.
struct SimpleFilter {
  std::string name;    // "a median filter"
  std::string column;  // "median"
  std::function<std::vector<float>(const Planes&)> apply;
};

// The 3 x 3 median.
std::vector<SimpleFilter> picture_filters();

// Metrics of pictures whose clean ones are known, beside the noisy ones and a median filter. With `rows`, writes one a
// picture.
Evaluation measure(const Denoiser& denoiser, const PlaneSource& noisy, const PlaneSource& clean, Sink* rows = nullptr,
                   bool baselines = true);

// Where no clean pictures are known: the loss at blind spots, beside that of the filters there. It holds the noise of
// these values, too, so that the best there is, is the variance of the noise. Without filters there are no baselines.
Evaluation measure_blind(const Denoiser& denoiser, const PieceSource& pieces, const std::vector<SimpleFilter>& filters,
                         Sink* rows = nullptr);

// Mean squared difference where there are weights; NaN where there are none.
double error_at(const std::vector<float>& weights, const std::vector<float>& got, const std::vector<float>& truth);

// Of those that are numbers; NaN where none is.
double mean_of_numbers(const std::vector<double>& values);

}  // namespace recur
