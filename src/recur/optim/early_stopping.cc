#include "recur/optim/early_stopping.h"

#include <cmath>
#include <limits>

#include "recur/optim/checks.h"
#include "recur/optim/stored.h"

namespace recur {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

EarlyStopping::EarlyStopping(const EarlyStoppingOptions& options)
    : options_(options),
      best_(options.maximize ? -kInfinity : kInfinity),
      best_loss_(kInfinity),
      lowest_loss_(kInfinity) {
  if (options.patience < 1) fail("early stopping: patience: expected at least 1, got {}", options.patience);
  check_not_negative("early stopping: min_delta", options.min_delta);
}

bool EarlyStopping::observe(double value, double loss, double chance) {
  const bool higher = options_.maximize ? value > best_ + options_.min_delta : value < best_ - options_.min_delta;
  const bool best = higher || (value == best_ && loss < best_loss_);
  const bool learns = best || loss < lowest_loss_;
  since_best_ = learns ? 0 : since_best_ + 1;
  if (best) best_ = value, best_loss_ = loss;
  if (loss < lowest_loss_) lowest_loss_ = loss;
  return best || (chance > 0 && std::abs(value - best_) <= chance);
}

NamedTensors EarlyStopping::state() const {
  return {{"best", stored(best_)},
          {"since_best", stored(since_best_)},
          {"best_loss", stored(best_loss_)},
          {"lowest_loss", stored(lowest_loss_)}};
}

void EarlyStopping::load_state(const NamedTensors& state) {
  NamedTensors expected = this->state();
  const bool has_losses = state.size() > 2;
  if (!has_losses) expected.resize(2);
  check_stored("early stopping", state, expected);
  best_ = stored_number(state, "best");
  since_best_ = stored_integer(state, "since_best");
  best_loss_ = has_losses ? stored_number(state, "best_loss") : kInfinity;
  lowest_loss_ = has_losses ? stored_number(state, "lowest_loss") : kInfinity;
}

}  // namespace recur
