#include "recur/optim/adam.h"

#include <cmath>
#include <utility>

#include "recur/optim/checks.h"

namespace recur {
namespace {

std::vector<std::string> kept_by(const AdamOptions& o) {
  std::vector<std::string> names{"exp_avg", "exp_avg_sq"};
  if (o.amsgrad) names.emplace_back("max_exp_avg_sq");
  return names;
}

}  // namespace

Adam::Adam(const ParameterGroups& groups, const AdamOptions& o)
    : Optimizer(groups, {.rate = o.rate, .weight_decay = o.weight_decay, .kept = kept_by(o)}), options_(o) {
  check_fraction("adam: beta1", o.beta1);
  check_fraction("adam: beta2", o.beta2);
  check_not_negative("adam: epsilon", o.epsilon);
}

template <class T>
void Adam::apply(const Run<T>& run) const {
  const AdamOptions& o = options_;
  const double t = static_cast<double>(steps());
  kernels::Elements<T> elements = run.elements;
  kernels::AdamRule<T> rule{.rate = static_cast<T>(static_cast<double>(run.rate) / (1 - std::pow(o.beta1, t))),
                            .beta1 = static_cast<T>(o.beta1),
                            .rest1 = static_cast<T>(1 - o.beta1),
                            .beta2 = static_cast<T>(o.beta2),
                            .rest2 = static_cast<T>(1 - o.beta2),
                            .unbias = static_cast<T>(1 / std::sqrt(1 - std::pow(o.beta2, t))),
                            .epsilon = static_cast<T>(o.epsilon),
                            .keep = 1,
                            .amsgrad = o.amsgrad};
  if (o.decoupled) rule.keep = 1 - run.rate * std::exchange(elements.decay, T{0});
  kernels::optimizer_kernels<T>().adam(rule, elements);
}

template void Adam::apply(const Run<float>&) const;
template void Adam::apply(const Run<double>&) const;

}  // namespace recur
