#include "recur/optim/adam.h"

#include <algorithm>
#include <cmath>

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
  T* __restrict w = run.w;
  T* __restrict m = run.kept[0];
  T* __restrict v = run.kept[1];
  const T* __restrict g = run.g;
  const double t = static_cast<double>(steps());
  const T beta1 = static_cast<T>(options_.beta1), rest1 = static_cast<T>(1 - options_.beta1);
  const T beta2 = static_cast<T>(options_.beta2), rest2 = static_cast<T>(1 - options_.beta2);
  const T rate = static_cast<T>(static_cast<double>(run.rate) / (1 - std::pow(options_.beta1, t)));
  const T unbias = static_cast<T>(1 / std::sqrt(1 - std::pow(options_.beta2, t)));
  const T epsilon = static_cast<T>(options_.epsilon);
  const T keep = options_.decoupled ? 1 - run.rate * run.decay : T{1};
  const T decay = options_.decoupled ? T{0} : run.decay;
  if (!options_.amsgrad) {
    for (int64_t i = 0; i < run.n; ++i) {
      const T gradient = g[i] + decay * w[i];
      m[i] = beta1 * m[i] + rest1 * gradient;
      v[i] = beta2 * v[i] + rest2 * gradient * gradient;
      w[i] = keep * w[i] - rate * m[i] / (std::sqrt(v[i]) * unbias + epsilon);
    }
    return;
  }
  T* __restrict largest = run.kept[2];
  for (int64_t i = 0; i < run.n; ++i) {
    const T gradient = g[i] + decay * w[i];
    m[i] = beta1 * m[i] + rest1 * gradient;
    v[i] = beta2 * v[i] + rest2 * gradient * gradient;
    largest[i] = std::max(largest[i], v[i]);
    w[i] = keep * w[i] - rate * m[i] / (std::sqrt(largest[i]) * unbias + epsilon);
  }
}

template void Adam::apply(const Run<float>&) const;
template void Adam::apply(const Run<double>&) const;

}  // namespace recur
