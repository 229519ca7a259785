// Records that a model takes for alike.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/explain/states.h"
#include "recur/tasks/explainable.h"

namespace recur {

// What the last recurrent layer holds of a record at its end, h of both directions: [H] or [2 H].
std::vector<double> end_state(std::span<const StateTrace> traces);

struct Neighbour {
  int64_t record = 0;  // its number among `others`
  double distance = 0;
};

// The nearest of the others by Euclidean distance, nearest first; ties in their order. All are of one size.
std::vector<Neighbour> nearest(std::span<const double> state, std::span<const std::vector<double>> others,
                               int64_t count);

}  // namespace recur
