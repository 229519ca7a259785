#include "recur/explain/attribution.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace recur {

double completeness_residual(const std::vector<double>& values, double score, double baseline_score) {
  constexpr double kSame = 1e-12;
  const double sum = std::accumulate(values.begin(), values.end(), 0.0), difference = score - baseline_score;
  const double off = std::abs(sum - difference);
  const double size = std::max({std::abs(score), std::abs(baseline_score), 1.0});
  return std::abs(difference) > kSame * size ? off / std::abs(difference) : off;
}

}  // namespace recur
