#include "recur/optim/adagrad.h"

#include <cmath>

#include "recur/optim/checks.h"

namespace recur {

Adagrad::Adagrad(const ParameterGroups& groups, const AdagradOptions& o)
    : Optimizer(groups, {.rate = o.rate, .weight_decay = o.weight_decay, .kept = {"sum"}}), options_(o) {
  check_not_negative("adagrad: rate_decay", o.rate_decay);
  check_not_negative("adagrad: initial_sum", o.initial_sum);
  check_not_negative("adagrad: epsilon", o.epsilon);
  kept(0).copy_from(Tensor::full(kept(0).shape(), o.initial_sum, kept(0).dtype()));
}

template <class T>
void Adagrad::apply(const Run<T>& run) const {
  T* __restrict w = run.w;
  T* __restrict sum = run.kept[0];
  const T* __restrict g = run.g;
  const double shrink = 1 + static_cast<double>(steps() - 1) * options_.rate_decay;
  const T rate = static_cast<T>(static_cast<double>(run.rate) / shrink), epsilon = static_cast<T>(options_.epsilon);
  for (int64_t i = 0; i < run.n; ++i) {
    const T gradient = g[i] + run.decay * w[i];
    sum[i] += gradient * gradient;
    w[i] -= rate * gradient / (std::sqrt(sum[i]) + epsilon);
  }
}

template void Adagrad::apply(const Run<float>&) const;
template void Adagrad::apply(const Run<double>&) const;

}  // namespace recur
