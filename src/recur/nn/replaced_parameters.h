// A module run with other tensors in the place of its parameters, differentiably: what is learnt of how to learn
// (MAML; Finn, Abbeel and Levine 2017) stands on it.
#pragma once

#include <unordered_map>

#include "recur/nn/module.h"

namespace recur {

// While it lives, this thread reads the given tensors where it would read the module's parameters; other threads do
// not, and the module stays as it is. Scopes nest: the innermost one that names a parameter counts. Tied weights are
// one parameter. Module::parameters() and all that goes by names (load_state, to) mean the module's own.
//
//   Tensors fast = step_of(model.parameters(), grad(loss(model), model.parameters(), {.create_graph = true}));
//   const ReplacedParameters inner(model, fast);
//   loss(model).backward();   // reaches model.parameters() through `fast`
class ReplacedParameters {
 public:
  // A tensor for each of module.parameters(), in their order; throws when one has another shape or dtype.
  ReplacedParameters(const Module& module, const Tensors& values);
  ~ReplacedParameters();
  ReplacedParameters(const ReplacedParameters&) = delete;
  ReplacedParameters& operator=(const ReplacedParameters&) = delete;

 private:
  friend const Tensor& internal::replacement_of(const Tensor& own);

  std::unordered_map<const void*, Tensor> values_;  // by the parameter's identity
  const ReplacedParameters* outer_;
};

// f() with the parameters replaced.
template <class F>
auto with_parameters(const Module& module, const Tensors& values, F&& f) {
  const ReplacedParameters scope(module, values);
  return f();
}

}  // namespace recur
