// Small data to adapt to.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/tasks/adapt/adapt_task.h"
#include "tests/tasks/train_by_hand.h"

namespace recur::testing {

// JSON lines: of each class, series of values around its own wave.
inline std::string wave_classes(int classes, int each, uint64_t seed) {
  Random random(seed);
  std::string out;
  for (int c = 0; c < classes; ++c) {
    const double phase = 6.28 * random.uniform(), speed = 0.4 + random.uniform();
    for (int i = 0; i < each; ++i) {
      std::string values;
      for (int t = 0; t < 6; ++t) {
        values += fmt::format("{}{:.3f}", t > 0 ? ", " : "", std::sin(speed * t + phase) + 0.1 * random.normal());
      }
      out += fmt::format("{{\"values\": [{}], \"label\": \"c{}\"}}\n", values, c);
    }
  }
  return out;
}

inline std::unique_ptr<AdaptTask> make_adapt(const std::vector<std::string>& options) {
  auto task = std::make_unique<AdaptTask>();
  Config config;
  task->declare(config);
  for (const std::string& each : options) config.apply_override(each);
  return task;
}

}  // namespace recur::testing
