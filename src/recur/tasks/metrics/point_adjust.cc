#include "recur/tasks/metrics/point_adjust.h"

#include <algorithm>

namespace recur {

BinaryCounts point_adjusted(std::span<const uint8_t> actual, std::span<const uint8_t> predicted) {
  BinaryCounts counts;
  for (size_t t = 0; t < actual.size();) {
    if (actual[t] == 0) {
      counts.add(false, predicted[t++] != 0);
      continue;
    }
    size_t end = t;
    bool found = false;
    for (; end < actual.size() && actual[end] != 0; ++end) found |= predicted[end] != 0;
    for (; t < end; ++t) counts.add(true, found);
  }
  return counts;
}

}  // namespace recur
