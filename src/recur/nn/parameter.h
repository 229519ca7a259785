// A parameter of a module.
#pragma once

#include <utility>

#include "recur/tensor/tensor.h"

namespace recur {

class ReplacedParameters;

namespace internal {

// The innermost scope of this thread in which parameters are replaced; null: there is none.
inline constinit thread_local const ReplacedParameters* replaced_parameters = nullptr;
// What stands for a parameter in that scope: itself, where it is not one of those.
const Tensor& replacement_of(const Tensor& own);

}  // namespace internal

// Stands for a Tensor wherever one is read: for its own or, in the scope of a ReplacedParameters, for another. A copy
// is a handle on the same parameter. A reference that was read holds until the scope ends; a copy of the Tensor as long
// as it likes.
class Parameter {
 public:
  Parameter() = default;  // undefined: a layer without a bias
  explicit Parameter(Tensor own) : own_(std::move(own)) {}
  Parameter& operator=(Tensor own) {
    own_ = std::move(own);
    return *this;
  }

  const Tensor& get() const { return internal::replaced_parameters == nullptr ? own_ : internal::replacement_of(own_); }
  operator const Tensor&() const { return get(); }
  const Tensor& operator*() const { return get(); }
  const Tensor* operator->() const { return &get(); }

  const Tensor& own() const { return own_; }  // what it is outside any scope
  bool is_replaced() const { return &get() != &own_; }

 private:
  Tensor own_;
};

}  // namespace recur
