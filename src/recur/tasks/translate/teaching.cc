#include "recur/tasks/translate/teaching.h"

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

// The k >= 1 with k log k = steps, where exp(i / k) = k.
double sigmoid_scale(double steps) {
  double low = 1, high = std::max(steps, 3.0);
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (middle * std::log(middle) < steps ? low : high) = middle;
  }
  return low;
}

}  // namespace

double teaching_probability(const TeachingSchedule& schedule, int64_t step) {
  const auto i = static_cast<double>(step);
  double p = 1;
  if (schedule.kind == "linear") p = 1 - i / schedule.steps;
  if (schedule.kind == "exponential") p = std::exp(-i / schedule.steps);
  if (schedule.kind == "inverse_sigmoid") {
    const double k = sigmoid_scale(schedule.steps);
    p = k / (k + std::exp(std::min(i / k, 700.0)));
  }
  return std::clamp(p, schedule.least, 1.0);
}

}  // namespace recur
