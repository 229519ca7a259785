// Quantiles, and the order of numbers that they need.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace recur {

// Sorts numbers, the smallest first, with any NaN behind all of them: by < alone their order would be undefined.
template <class Range>
void sort_numbers(Range& values) {
  std::ranges::sort(values, [](auto a, auto b) { return std::isnan(b) ? !std::isnan(a) : a < b; });
}

// The quantile of sorted values, between neighbours, as most programs have it (type 7 of Hyndman and Fan, 1996).
// `share` in [0, 1]; there must be values.
template <class T>
double quantile(std::span<const T> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double low = sorted[below], high = sorted[above];
  return low + (at - static_cast<double>(below)) * (high - low);
}

}  // namespace recur
