// Defaults of options that depend on the data.
#pragma once

#include <cstdint>

#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/forecast/forecast_options.h"

namespace recur {

// Fills in horizon, season, context, segment, scaler, center, head and so on. Throws UsageError where options do not go
// together.
void choose_forecast_defaults(ForecastOptions& options, const SequenceSet& set);

// Whether validation on windows of so many series is to choose how much of the Theta method goes into forecasts
// (ForecastModelOptions::blend).
bool chooses_blend(const ForecastOptions& options, int64_t validated_series);

// Whether a model of these data is to learn anew from what was held out as well (ForecastTrainingOptions::refit).
bool learns_twice(const ForecastOptions& options, const SequenceSet& set);

// Throws Error if one is not set: the options of a model file are untrusted input.
void check_forecast_options(const ForecastOptions& options);

}  // namespace recur
