// Confidence intervals of metrics by the bootstrap: their spread over samples of the examples, drawn with replacement
// (Efron 1979).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "recur/io/metrics_log.h"
#include "recur/tasks/sink.h"

namespace recur {

struct BootstrapOptions {
  int64_t samples = 200;
  double level = 0.95;
  uint64_t seed = 1;
};

// "intervals", a row per metric: its name, value on all examples, and the bounds between which its values on samples
// are with probability `level`. `measure` gives the metrics of examples by their numbers; a metric that a sample lacks
// is left out there.
Table bootstrap_intervals(int64_t examples, const BootstrapOptions& options,
                          const std::function<std::vector<Metric>(std::span<const int64_t>)>& measure);

}  // namespace recur
