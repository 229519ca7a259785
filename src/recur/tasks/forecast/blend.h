// Forecasts of a network moved towards those of the Theta method. The two err in different ways, and in competitions
// means of several methods were ahead of most single ones (Makridakis, Spiliotis and Assimakopoulos, 2020).
#pragma once

#include <span>
#include <vector>

#include "recur/tasks/forecast/forecaster.h"

namespace recur {

struct Blend {
  double weight = 0;  // how much of the way from the median of the paths to the Theta method's forecast, in [0, 1]
  bool log = false;   // in logarithms, where both are above 0
};

// Shifts the paths [S, H] of each step together, so that they lie as far apart as before (in logarithms, as many
// times).
void blend(std::span<float> paths, std::span<const float> theta, const Blend& how);

// The same of a window's values as a function of its past, while the Theta method's forecast stays as it is. `middle`
// is middle_levels() of the model.
WindowFunction blended(WindowFunction of, std::vector<float> theta, const Blend& how, std::vector<double> middle);
// The levels of the one or two quantiles that make the median of a step, as its paths have it; none where the value
// without a level is the median.
std::vector<double> middle_levels(const ForecastModelOptions& model);

// The weights that validation chooses among. Series that end at the same time err together, so that their last windows
// say less than their number: on weekly series of solar power they ask for the Theta method alone, which then errs
// most.
std::span<const double> blend_weights();

}  // namespace recur
