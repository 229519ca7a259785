// Exchanging axes; the elements are copied.
#pragma once

#include <span>

#include "recur/tensor/tensor.h"

namespace recur {

// Axis k of the result is axis axes[k] of x; every axis of x once, negative ones counting from the end. Any dtype.
Tensor permute(const Tensor& x, std::span<const int> axes);
inline Tensor permute(const Tensor& x, std::initializer_list<int> axes) {
  return permute(x, std::span(axes.begin(), axes.size()));
}

// x with two axes exchanged.
Tensor transpose(const Tensor& x, int a, int b);

}  // namespace recur
