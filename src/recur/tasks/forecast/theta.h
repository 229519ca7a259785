// The Theta method (Assimakopoulos and Nikolopoulos, 2000), which won the M3 competition: the season taken out as
// factors, then simple exponential smoothing with half of the slope of a straight line as drift, which is the same
// (Hyndman and Billah, 2003).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recur {

// How many values of the past count: the last twenty seasons, or the last 200. Older ones tell little of the next.
int64_t theta_reach(int64_t season);

// past: the values in order of time, NaN where missing, of which the last theta_reach() count.
// season: m steps, 1 for none; offset: what was taken off the values. [horizon], all 0 where nothing is known.
std::vector<float> theta_forecast(std::span<const float> past, int64_t season, int64_t horizon, double offset = 0);

}  // namespace recur
