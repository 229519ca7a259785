#include "recur/optim/rmsprop.h"

#include <algorithm>
#include <cmath>

#include "recur/optim/checks.h"

namespace recur {

namespace {

std::vector<std::string> kept_by(const RmspropOptions& o) {
  std::vector<std::string> names{"square_avg"};
  if (o.centered) names.emplace_back("grad_avg");
  if (o.momentum != 0) names.emplace_back("momentum_buffer");
  return names;
}

}  // namespace

Rmsprop::Rmsprop(const ParameterGroups& groups, const RmspropOptions& o)
    : Optimizer(groups, {.rate = o.rate, .weight_decay = o.weight_decay, .kept = kept_by(o)}), options_(o) {
  check_fraction("rmsprop: alpha", o.alpha);
  check_fraction("rmsprop: momentum", o.momentum);
  check_not_negative("rmsprop: epsilon", o.epsilon);
}

template <bool centered, bool with_momentum, class T>
void Rmsprop::rule(const Run<T>& run) const {
  T* __restrict w = run.w;
  T* __restrict square = run.kept[0];
  T* __restrict mean = run.kept[1];                     // if centered
  T* __restrict velocity = run.kept[centered ? 2 : 1];  // if with_momentum
  const T* __restrict g = run.g;
  const T alpha = static_cast<T>(options_.alpha), rest = static_cast<T>(1 - options_.alpha);
  const T momentum = static_cast<T>(options_.momentum), epsilon = static_cast<T>(options_.epsilon);
  for (int64_t i = 0; i < run.n; ++i) {
    const T gradient = g[i] + run.decay * w[i];
    square[i] = alpha * square[i] + rest * gradient * gradient;
    T variance = square[i];
    if constexpr (centered) {
      mean[i] = alpha * mean[i] + rest * gradient;
      variance = std::max(variance - mean[i] * mean[i], T{0});  // rounding can leave it just below 0
    }
    T step = gradient / (std::sqrt(variance) + epsilon);
    if constexpr (with_momentum) step = velocity[i] = momentum * velocity[i] + step;
    w[i] -= run.rate * step;
  }
}

template <class T>
void Rmsprop::apply(const Run<T>& run) const {
  if (options_.centered)
    options_.momentum != 0 ? rule<true, true>(run) : rule<true, false>(run);
  else
    options_.momentum != 0 ? rule<false, true>(run) : rule<false, false>(run);
}

template void Rmsprop::apply(const Run<float>&) const;
template void Rmsprop::apply(const Run<double>&) const;

}  // namespace recur
