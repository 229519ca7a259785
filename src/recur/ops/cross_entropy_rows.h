// What cross_entropy and linear_cross_entropy have in common.
#pragma once

#include "recur/autograd/attributes.h"
#include "recur/kernels/kernels.h"
#include "recur/ops/cross_entropy.h"

namespace recur {

// Checks the arguments of `op` and counts the targets that are not ignored.
int64_t count_targets(const char* op, const Shape& logits, const Tensor& targets, const CrossEntropyOptions& options);

// The options as a trace records them.
Attributes attributes_of(const CrossEntropyOptions& options);

// What a row's loss is multiplied by in the result.
double share_of_row(const CrossEntropyOptions& options, int64_t count);

// The kernels of the same name, their rows shared out among the threads.
template <class T>
void row_losses(const kernels::CrossEntropy<T>& rows, T* losses);
// `grads` may be the logits.
template <class T>
void row_gradients(const kernels::CrossEntropy<T>& rows, const T* weights, T* grads);

}  // namespace recur
