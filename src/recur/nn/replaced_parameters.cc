#include "recur/nn/replaced_parameters.h"

namespace recur {

ReplacedParameters::ReplacedParameters(const Module& module, const Tensors& values)
    : outer_(internal::replaced_parameters) {
  const NamedTensors own = module.named_parameters();
  if (own.size() != values.size())
    fail("replaced parameters: expected a tensor for each of {} parameters, got {}", own.size(), values.size());
  for (size_t i = 0; i < own.size(); ++i) {
    const auto& [name, parameter] = own[i];
    const Tensor& value = values[i];
    if (!value.defined()) fail("replaced parameters: '{}': the tensor is undefined", name);
    if (value.shape() != parameter.shape() || value.dtype() != parameter.dtype())
      fail("replaced parameters: '{}': expected {} {}, got {} {}", name, name_of(parameter.dtype()),
           parameter.shape().str(), name_of(value.dtype()), value.shape().str());
    values_.emplace(parameter.id(), value);
  }
  internal::replaced_parameters = this;
}

ReplacedParameters::~ReplacedParameters() { internal::replaced_parameters = outer_; }

const Tensor& internal::replacement_of(const Tensor& own) {
  for (const ReplacedParameters* scope = replaced_parameters; scope != nullptr; scope = scope->outer_)
    if (const auto found = scope->values_.find(own.id()); found != scope->values_.end()) return found->second;
  return own;
}

}  // namespace recur
