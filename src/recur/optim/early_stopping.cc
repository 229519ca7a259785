#include "recur/optim/early_stopping.h"

#include <limits>

#include "recur/optim/checks.h"
#include "recur/optim/stored.h"

namespace recur {

EarlyStopping::EarlyStopping(const EarlyStoppingOptions& options)
    : options_(options), best_(std::numeric_limits<double>::infinity() * (options.maximize ? -1 : 1)) {
  if (options.patience < 1) fail("early stopping: patience: expected at least 1, got {}", options.patience);
  check_not_negative("early stopping: min_delta", options.min_delta);
}

bool EarlyStopping::observe(double value) {
  const bool improved = options_.maximize ? value > best_ + options_.min_delta : value < best_ - options_.min_delta;
  since_best_ = improved ? 0 : since_best_ + 1;
  if (improved) best_ = value;
  return improved;
}

NamedTensors EarlyStopping::state() const { return {{"best", stored(best_)}, {"since_best", stored(since_best_)}}; }

void EarlyStopping::load_state(const NamedTensors& state) {
  check_stored("early stopping", state, this->state());
  best_ = stored_number(state, "best");
  since_best_ = stored_integer(state, "since_best");
}

}  // namespace recur
