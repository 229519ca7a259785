#include "recur/tasks/metrics/point_adjust.h"

#include <utility>

namespace recur {

void PointAdjusted::add(bool actual, bool predicted) {
  if (!actual) {
    end_run();
    counts_.add(false, predicted);
    return;
  }
  ++run_;
  found_ |= predicted;
}

void PointAdjusted::end_run() {
  for (; run_ > 0; --run_) counts_.add(true, found_);
  found_ = false;
}

BinaryCounts PointAdjusted::finish() {
  end_run();
  return std::exchange(counts_, {});
}

BinaryCounts point_adjusted(std::span<const uint8_t> actual, std::span<const uint8_t> predicted) {
  PointAdjusted adjusted;
  for (size_t t = 0; t < actual.size(); ++t) adjusted.add(actual[t] != 0, predicted[t] != 0);
  return adjusted.finish();
}

}  // namespace recur
