// The point-adjusted figure of anomaly detection.
#pragma once

#include <cstdint>
#include <span>

#include "recur/tasks/metrics/classification.h"

namespace recur {

// Counts of steps in a sequence, where every step of an unbroken run of anomalies counts as found as soon as one of
// them is (Xu et al. 2018). It is too optimistic: long runs are found by chance (Kim et al. 2022), so it must
// only be shown together with the counts of single steps.
class PointAdjusted {
 public:
  // The next step of the sequence.
  void add(bool actual, bool predicted);
  // Those of all steps since the last call: the sequence ends here.
  BinaryCounts finish();

 private:
  void end_run();

  BinaryCounts counts_;
  int64_t run_ = 0;  // anomalous steps that are not counted yet
  bool found_ = false;
};

// Of a whole sequence. 1: anomalous, or predicted to be.
BinaryCounts point_adjusted(std::span<const uint8_t> actual, std::span<const uint8_t> predicted);

}  // namespace recur
