// The budget of a run (epochs, steps, time) and the share that is used.
//
// A budget that nobody has set may be cut short: what is left of the run, and of the learning-rate schedule, which
// follows the share, then fits into the part that remains.
#pragma once

#include <chrono>
#include <optional>
#include <string>

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

  // The share of the budget that is used; 1 when it is exhausted. Continuous, also over a cut.
  double used(int64_t step, double epoch, double elapsed) const;

  struct Cut {
    double from = 1;  // the share at which it is made, in [0, 1]; 1: there is none
    double to = 1;    // the share of the whole budget at which the run now ends, from `from` to 1
  };
  bool is_cut() const { return cut_.from < 1; }
  const Cut& cut() const { return cut_; }
  void set_cut(const Cut& cut);  // throws Error unless it is as above

  // The part of it that is used up first, in words: "20 passes over the data", "1000 steps", "180 s".
  std::string limit(int64_t step, double epoch, double elapsed) const;
  bool time_alone() const { return time_ && !epochs_ && !steps_; }
  double seconds() const { return time_.value_or(0); }

 private:
  double of_whole(int64_t step, double epoch, double elapsed) const;

  std::optional<double> epochs_, steps_, time_;
  Cut cut_;
};

}  // namespace recur
