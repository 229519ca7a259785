// What is chosen for a classifier of series by how many there are and how long they are.
#pragma once

#include <cstdint>
#include <string>

#include "recur/tasks/classify/classify_options.h"

namespace recur {

struct SeriesSize {
  int64_t count = 0;       // of the training part
  double mean_steps = 0;   // T
  int64_t most_steps = 0;  // of the longest
  int64_t features = 0;    // F
};

// Sets what the options leave open; docs/classify.md says how it was found. Returns what was chosen, in words.
std::string choose_series_defaults(ClassifyOptions& options, const SeriesSize& size);

// Passes over the data when nobody has set a budget: from their size and the work of the network.
double series_epochs(const ClassifyOptions& options, const SeriesSize& size);

}  // namespace recur
