// The choice of the best model, and early stopping, by a validation metric and the validation loss.
#pragma once

#include "recur/tensor/named_tensors.h"

namespace recur {

struct EarlyStoppingOptions {
  int64_t patience = 5;   // observations in a row without improvement after which to stop
  double min_delta = 0;   // smaller improvements do not count
  bool maximize = false;  // the metric; the loss is always better when lower
};

// A metric such as accuracy has few values, so that many models share the best one: among these the loss decides. And
// a loss that still falls is an improvement, even where the metric rests.
class EarlyStopping {
 public:
  explicit EarlyStopping(const EarlyStoppingOptions& options = {});

  // Takes the next metric, and the loss measured with it; true if this is the model to keep: of a better metric, or of
  // the best one again with a lower loss than it had. Never of a NaN. `chance`: a difference of the metric that says
  // nothing; then any model that is no more than that below the best is to be kept, as the one that has learnt longest.
  bool observe(double value, double loss = 0, double chance = 0);
  // Observations in a row in which neither became better than ever before.
  int64_t without_improvement() const { return since_best_; }
  bool should_stop() const { return since_best_ >= options_.patience; }
  // The best metric; infinite before the first observation.
  double best() const { return best_; }

  NamedTensors state() const;
  void load_state(const NamedTensors& state);  // also that of 0.1.0, which knew no losses

 private:
  EarlyStoppingOptions options_;
  double best_;
  double best_loss_, lowest_loss_;  // of the best model, and of all
  int64_t since_best_ = 0;
};

}  // namespace recur
