// Mean and deviation of numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace recur {

struct Moments {
  double mean = 0, deviation = 0;  // of the population: divided by N
};

// 0 and 0 of no numbers.
inline Moments moments_of(std::span<const float> values) {
  double sum = 0, squares = 0;
  for (const float value : values) sum += value, squares += static_cast<double>(value) * value;
  const double n = std::max<double>(static_cast<double>(values.size()), 1), mean = sum / n;
  return {mean, std::sqrt(std::max(squares / n - mean * mean, 0.0))};
}

}  // namespace recur
