#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace recur {

// ln of the sum of exp, of at least one number.
inline double log_sum(std::span<const double> logits) {
  const double most = std::ranges::max(logits);
  double sum = 0;
  for (const double each : logits) sum += std::exp(each - most);
  return most + std::log(sum);
}

}  // namespace recur
