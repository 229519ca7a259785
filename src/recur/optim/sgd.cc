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
  if (o.nesterov && (o.momentum == 0 || o.dampening != 0)) fail("sgd: nesterov needs momentum and no dampening");
}

template <class T>
void Sgd::apply(const Run<T>& run) const {
  T* __restrict w = run.w;
  const T* __restrict g = run.g;
  if (options_.momentum == 0) {
    for (int64_t i = 0; i < run.n; ++i) w[i] -= run.rate * (g[i] + run.decay * w[i]);
    return;
  }
  T* __restrict v = run.kept[0];
  const T momentum = static_cast<T>(options_.momentum);
  const T fresh = static_cast<T>(steps() == 1 ? 1 : 1 - options_.dampening);
  const T of_gradient = options_.nesterov ? 1 : 0, of_velocity = options_.nesterov ? momentum : 1;
  for (int64_t i = 0; i < run.n; ++i) {
    const T gradient = g[i] + run.decay * w[i];
    v[i] = momentum * v[i] + fresh * gradient;
    w[i] -= run.rate * (of_gradient * gradient + of_velocity * v[i]);
  }
}

template void Sgd::apply(const Run<float>&) const;
template void Sgd::apply(const Run<double>&) const;

}  // namespace recur
