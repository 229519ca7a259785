#include "recur/train/budget.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"

namespace recur {

Budget::Budget(const BudgetOptions& options, double default_epochs) : epochs_(options.epochs) {
  if (options.steps) steps_ = static_cast<double>(*options.steps);
  if (options.time) time_ = options.time->count();
  if (!epochs_ && !steps_ && !time_) epochs_ = default_epochs;
}

void Budget::set_cut(const Cut& cut) {
  if (!(cut.from >= 0 && cut.from <= cut.to && cut.to <= 1)) {
    fail("budget: a cut from {} to {} is damaged", cut.from, cut.to);
  }
  cut_ = cut;
}

double Budget::used(int64_t step, double epoch, double elapsed) const {
  const double whole = of_whole(step, epoch, elapsed);
  if (!is_cut() || whole <= cut_.from) return whole;
  if (whole >= cut_.to) return 1;
  return cut_.from + (1 - cut_.from) * (whole - cut_.from) / (cut_.to - cut_.from);
}

std::string Budget::limit(int64_t step, double epoch, double elapsed) const {
  const double whole = of_whole(step, epoch, elapsed);
  if (steps_ && static_cast<double>(step) / *steps_ >= whole) return fmt::format("{} steps", *steps_);
  if (time_ && elapsed / *time_ >= whole) return fmt::format("{:.4g} s", *time_);
  return fmt::format("{:.4g} {} over the data", *epochs_, *epochs_ == 1 ? "pass" : "passes");
}

double Budget::of_whole(int64_t step, double epoch, double elapsed) const {
  double share = 0;
  if (epochs_) share = std::max(share, epoch / *epochs_);
  if (steps_) share = std::max(share, static_cast<double>(step) / *steps_);
  if (time_) share = std::max(share, elapsed / *time_);
  return std::min(share, 1.0);
}

}  // namespace recur
