// How regularly the steps of sequences come.
#pragma once

#include <cstdint>

#include "recur/data/sequences/sequence_set.h"

namespace recur {

struct TimeGrid {
  TimeStep step;     // the most frequent distance; unit kNone when there are no times or no distance is shared by most
  int64_t gaps = 0;  // places where it is a multiple (missing rows)
  int64_t missing = 0;  // rows that those places lack
  int64_t off = 0;      // places where it is anything else

  bool regular() const { return step.unit != TimeUnit::kNone && gaps == 0 && off == 0; }
};
TimeGrid find_time_grid(const SequenceSet& set);

}  // namespace recur
