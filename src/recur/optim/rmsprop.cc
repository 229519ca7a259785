#include "recur/optim/rmsprop.h"

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

template <class T>
void Rmsprop::apply(const Run<T>& run) const {
  kernels::optimizer_kernels<T>().rmsprop({.rate = run.rate,
                                           .alpha = static_cast<T>(options_.alpha),
                                           .rest = static_cast<T>(1 - options_.alpha),
                                           .epsilon = static_cast<T>(options_.epsilon),
                                           .momentum = static_cast<T>(options_.momentum),
                                           .centered = options_.centered},
                                          run.elements);
}

template void Rmsprop::apply(const Run<float>&) const;
template void Rmsprop::apply(const Run<double>&) const;

}  // namespace recur
