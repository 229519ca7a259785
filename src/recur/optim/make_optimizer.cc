#include "recur/optim/make_optimizer.h"

#include "recur/base/suggest.h"
#include "recur/optim/adagrad.h"
#include "recur/optim/adam.h"
#include "recur/optim/asgd.h"
#include "recur/optim/rmsprop.h"
#include "recur/optim/sgd.h"

namespace recur {
namespace {

using OptimizerPtr = std::unique_ptr<Optimizer>;

OptimizerPtr make_sgd(const OptimizerOptions& o, const ParameterGroups& groups) {
  SgdOptions sgd{.momentum = o.momentum, .nesterov = o.nesterov, .weight_decay = o.weight_decay};
  sgd.rate = o.rate.value_or(sgd.rate);
  return std::make_unique<Sgd>(groups, sgd);
}

OptimizerPtr make_asgd(const OptimizerOptions& o, const ParameterGroups& groups) {
  AsgdOptions asgd{.weight_decay = o.weight_decay};
  asgd.rate = o.rate.value_or(asgd.rate);
  return std::make_unique<Asgd>(groups, asgd);
}

template <bool decoupled>
OptimizerPtr make_adam(const OptimizerOptions& o, const ParameterGroups& groups) {
  AdamOptions adam{.weight_decay = o.weight_decay, .decoupled = decoupled, .amsgrad = o.amsgrad};
  adam.rate = o.rate.value_or(adam.rate);
  adam.beta1 = o.beta1.value_or(adam.beta1);
  adam.beta2 = o.beta2.value_or(adam.beta2);
  adam.epsilon = o.epsilon.value_or(adam.epsilon);
  return std::make_unique<Adam>(groups, adam);
}

OptimizerPtr make_rmsprop(const OptimizerOptions& o, const ParameterGroups& groups) {
  RmspropOptions rmsprop{.momentum = o.momentum, .weight_decay = o.weight_decay, .centered = o.centered};
  rmsprop.rate = o.rate.value_or(rmsprop.rate);
  rmsprop.alpha = o.alpha.value_or(rmsprop.alpha);
  rmsprop.epsilon = o.epsilon.value_or(rmsprop.epsilon);
  return std::make_unique<Rmsprop>(groups, rmsprop);
}

OptimizerPtr make_adagrad(const OptimizerOptions& o, const ParameterGroups& groups) {
  AdagradOptions adagrad{.weight_decay = o.weight_decay};
  adagrad.rate = o.rate.value_or(adagrad.rate);
  adagrad.epsilon = o.epsilon.value_or(adagrad.epsilon);
  return std::make_unique<Adagrad>(groups, adagrad);
}

struct OptimizerKind {
  std::string_view name;
  OptimizerPtr (*make)(const OptimizerOptions&, const ParameterGroups&);
};
constexpr OptimizerKind kOptimizers[] = {{"sgd", make_sgd},          {"asgd", make_asgd},
                                         {"adam", make_adam<false>}, {"adamw", make_adam<true>},
                                         {"rmsprop", make_rmsprop},  {"adagrad", make_adagrad}};

}  // namespace

std::vector<std::string_view> optimizer_names() {
  std::vector<std::string_view> names;
  for (const OptimizerKind& kind : kOptimizers) names.push_back(kind.name);
  return names;
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& o, const ParameterGroups& groups) {
  for (const OptimizerKind& kind : kOptimizers)
    if (kind.name == o.name) return kind.make(o, o.decay_vectors ? groups : decay_matrices_only(groups));
  fail_usage("optimizer: unknown name '{}'{}", o.name, did_you_mean(o.name, optimizer_names()));
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& o, const Tensors& parameters) {
  return make_optimizer(o, ParameterGroups{{parameters}});
}

}  // namespace recur
