// Tensors of a model as files hold them.
#pragma once

#include <string>

#include "recur/io/safetensors.h"
#include "recur/tensor/named_tensors.h"

namespace recur {

// The tensor's elements under its name, not copied: it must outlive the view.
TensorView view_of(const std::string& name, const Tensor& tensor);
std::vector<TensorView> views_of(const NamedTensors& tensors, const std::string& prefix = "");

// A copy of what a file holds; throws Error for a type that tensors do not have.
Tensor tensor_of(const TensorView& view);

}  // namespace recur
