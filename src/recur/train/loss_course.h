// The training loss from step to step: what is shown of it, and whether it was lost on the way.
#pragma once

#include <cstdint>

#include "recur/train/meter.h"

namespace recur {

class LossCourse {
 public:
  void add(int64_t step, double loss) {
    recent_.add(loss);
    if (lowest_step_ == 0) first_ = loss;
    if (lowest_step_ > 0 && !(recent_.value() < lowest_)) return;
    lowest_ = recent_.value();
    lowest_step_ = step;
  }

  double recent() const { return recent_.value(); }  // a mean over some hundred steps
  double lowest() const { return lowest_; }          // of these means
  int64_t lowest_step() const { return lowest_step_; }

  // Whether it is far above its lowest, however finite it is. Losses that are tiny beside that of the first step, of an
  // untrained model, go up and down by more.
  bool diverged() const {
    constexpr double kFar = 10, kTiny = 0.1;
    return lowest_ > 0 && recent() > kFar * lowest_ && recent() > kTiny * first_;
  }

 private:
  FadingMean recent_{0.99};
  double first_ = 0, lowest_ = 0;
  int64_t lowest_step_ = 0;
};

}  // namespace recur
