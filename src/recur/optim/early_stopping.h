// Early stopping by a validation metric.
#pragma once

#include "recur/tensor/named_tensors.h"

namespace recur {

struct EarlyStoppingOptions {
  int64_t patience = 5;  // observations in a row without improvement after which to stop
  double min_delta = 0;  // smaller improvements do not count
  bool maximize = false;
};

class EarlyStopping {
 public:
  explicit EarlyStopping(const EarlyStoppingOptions& options = {});

  // Takes the next value; true if it is the best so far (a NaN never is): the model to keep.
  bool observe(double value);
  bool should_stop() const { return since_best_ >= options_.patience; }
  // Infinite before the first observation.
  double best() const { return best_; }

  NamedTensors state() const;
  void load_state(const NamedTensors& state);

 private:
  EarlyStoppingOptions options_;
  double best_;
  int64_t since_best_ = 0;
};

}  // namespace recur
