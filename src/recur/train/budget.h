// The budget of a run (epochs, steps, time) and the share that is used.
#pragma once

#include <chrono>
#include <optional>

#include "recur/train/options.h"

namespace recur {

// Counts the seconds of a run, including those before it was resumed.
class Stopwatch {
 public:
  double seconds() const { return before_ + std::chrono::duration<double>(Clock::now() - start_).count(); }
  void set(double seconds) { before_ = seconds, start_ = Clock::now(); }

 private:
  using Clock = std::chrono::steady_clock;
  double before_ = 0;
  Clock::time_point start_ = Clock::now();
};

class Budget {
 public:
  Budget(const BudgetOptions& options, double default_epochs);

  // The share of the budget that is used; 1 when it is exhausted.
  double used(int64_t step, double epoch, double elapsed) const;
  bool time_alone() const { return time_ && !epochs_ && !steps_; }
  double seconds() const { return time_.value_or(0); }

 private:
  std::optional<double> epochs_, steps_, time_;
};

}  // namespace recur
