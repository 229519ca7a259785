// Taking elements along an axis by index, and adding them back.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// y[.., k, ..] = x[.., index[.., k, ..], ..] along `axis`. index (i32) has x's shape but for the size of that axis; an
// index outside it is an error that names the index and its position.
Tensor gather(const Tensor& x, int axis, const Tensor& index);

// Zeros shaped like g but with `size` positions along `axis`, to which each element of g is added where `index` (g's
// shape) says: the transpose of gather.
Tensor scatter_add(const Tensor& g, int axis, const Tensor& index, int64_t size);

}  // namespace recur
