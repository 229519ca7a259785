#include "recur/train/budget.h"

#include <algorithm>

namespace recur {

Budget::Budget(const BudgetOptions& options, double default_epochs) : epochs_(options.epochs) {
  if (options.steps) steps_ = static_cast<double>(*options.steps);
  if (options.time) time_ = options.time->count();
  if (!epochs_ && !steps_ && !time_) epochs_ = default_epochs;
}

double Budget::used(int64_t step, double epoch, double elapsed) const {
  double share = 0;
  if (epochs_) share = std::max(share, epoch / *epochs_);
  if (steps_) share = std::max(share, static_cast<double>(step) / *steps_);
  if (time_) share = std::max(share, elapsed / *time_);
  return std::min(share, 1.0);
}

}  // namespace recur
