#include "recur/optim/adagrad.h"

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
  const double shrink = 1 + static_cast<double>(steps() - 1) * options_.rate_decay;
  kernels::optimizer_kernels<T>().adagrad(
      {.rate = static_cast<T>(static_cast<double>(run.rate) / shrink), .epsilon = static_cast<T>(options_.epsilon)},
      run.elements);
}

template void Adagrad::apply(const Run<float>&) const;
template void Adagrad::apply(const Run<double>&) const;

}  // namespace recur
