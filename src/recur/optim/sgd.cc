#include "recur/optim/sgd.h"

#include "recur/optim/checks.h"

namespace recur {
namespace {

std::vector<std::string> kept_by(const SgdOptions& o) {
  return o.momentum != 0 ? std::vector<std::string>{"momentum_buffer"} : std::vector<std::string>{};
}

}  // namespace

Sgd::Sgd(const ParameterGroups& groups, const SgdOptions& o)
    : Optimizer(groups, {.rate = o.rate, .weight_decay = o.weight_decay, .kept = kept_by(o)}), options_(o) {
  check_fraction("sgd: momentum", o.momentum);
  check_fraction("sgd: dampening", o.dampening);
  if (o.nesterov && (o.momentum == 0 || o.dampening != 0))
    fail("sgd: nesterov: expected momentum above 0 and dampening 0");
}

template <class T>
void Sgd::apply(const Run<T>& run) const {
  kernels::optimizer_kernels<T>().sgd({.rate = run.rate,
                                       .momentum = static_cast<T>(options_.momentum),
                                       .fresh = static_cast<T>(steps() == 1 ? 1 : 1 - options_.dampening),
                                       .nesterov = options_.nesterov},
                                      run.elements);
}

template void Sgd::apply(const Run<float>&) const;
template void Sgd::apply(const Run<double>&) const;

}  // namespace recur
