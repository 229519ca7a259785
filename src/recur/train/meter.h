// Means over the examples of some steps.
#pragma once

#include <algorithm>
#include <cstdint>

namespace recur {

// Exact sums since the last reset; part of a checkpoint, so that a resumed run logs the same numbers.
struct LossMeter {
  double sum = 0;  // of loss times examples
  double examples = 0;
  double highest_norm = 0;  // of gradients

  void add(double loss, int64_t count, double norm) {
    sum += loss * static_cast<double>(count);
    examples += static_cast<double>(count);
    highest_norm = std::max(highest_norm, norm);
  }
  double loss() const { return examples > 0 ? sum / examples : 0; }
};

// An exponentially weighted mean, for display.
class FadingMean {
 public:
  explicit FadingMean(double memory) : memory_(memory) {}

  void add(double value, double weight = 1) {
    sum_ = memory_ * sum_ + value;
    weight_ = memory_ * weight_ + weight;
  }
  double value() const { return weight_ > 0 ? sum_ / weight_ : 0; }

 private:
  double memory_, sum_ = 0, weight_ = 0;
};

}  // namespace recur
