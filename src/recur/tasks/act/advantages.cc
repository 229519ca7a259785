#include "recur/tasks/act/advantages.h"

namespace recur {

std::vector<double> advantages(const StepsOfOne& steps) {
  std::vector<double> out(steps.rewards.size());
  double behind = 0;
  for (size_t t = out.size(); t-- > 0;) {
    if (steps.ends[t] != 0) behind = 0;
    const double surprise = steps.rewards[t] + steps.discount * steps.after[t] - steps.values[t];
    behind = surprise + steps.discount * steps.lambda * behind;
    out[t] = behind;
  }
  return out;
}

}  // namespace recur
