// Looking up rows of a table, and adding rows to a table.
#pragma once

#include "recur/tensor/tensor.h"

namespace recur {

// Rows of weight [V, F...] chosen by ids (i32, any shape) -> ids.shape + [F...]. An id outside 0 .. V - 1 is an error
// that names the id and its position.
Tensor embedding(const Tensor& weight, const Tensor& ids);

// Adds the rows g (ids.shape + [F...]) into a table [vocabulary, F...] at the rows given by ids: the transpose of
// embedding.
Tensor scatter_rows(const Tensor& g, const Tensor& ids, int64_t vocabulary);

// The rows of x that `index` [K] names -> [K, ...].
inline Tensor index_select(const Tensor& x, const Tensor& index) { return embedding(x, index); }

}  // namespace recur
