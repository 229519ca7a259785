// Views: the same elements under another shape, or a run of the leading axis. Nothing is copied.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// One size may be -1: it follows from the others.
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor reshape(const Tensor& x, std::initializer_list<int64_t> sizes);

// Rows begin .. end - 1 of the leading axis.
Tensor rows(const Tensor& x, int64_t begin, int64_t end);
// The same of a tensor that may be undefined, and is then what it was.
inline Tensor rows_or_none(const Tensor& x, int64_t begin, int64_t end) {
  return x.defined() ? rows(x, begin, end) : x;
}
// Row `index` of the leading axis, without that axis.
Tensor row(const Tensor& x, int64_t index);

}  // namespace recur
