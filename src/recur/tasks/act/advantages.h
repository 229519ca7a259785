// How much better actions turned out than was expected: generalised advantage estimation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recur {

// The steps of one environment, in order.
struct StepsOfOne {
  std::span<const double> rewards;  // [T]
  std::span<const double> values;   // [T], of the observation before each step
  std::span<const double> after;    // [T], of the observation behind it; 0 where the episode came to its end
  std::span<const uint8_t> ends;    // [T], whether the episode ended there, or was cut off
  double discount = 0.99, lambda = 0.95;
};

// A[t] = d[t] + discount lambda A[t + 1], d[t] = r[t] + discount after[t] - v[t], with A[t + 1] = 0 behind an end and
// behind the last step: Schulman, Moritz, Levine, Jordan and Abbeel, "High-dimensional continuous control using
// generalized advantage estimation" (2016).
std::vector<double> advantages(const StepsOfOne& steps);

}  // namespace recur
