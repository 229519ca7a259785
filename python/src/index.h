// What stands in the brackets of tensor[...].
#pragma once

#include <cstdint>
#include <vector>

#include "binding.h"
#include "recur/tensor/tensor.h"

namespace recur::python {

// Whole numbers that come one by one or as one list or tuple: reshape(2, 3), reshape((2, 3)).
std::vector<int64_t> sizes_of(const nb::args& args);

// The shape of these sizes, of which one may be -1: it follows from the others.
Shape shape_for(const Tensor& tensor, std::vector<int64_t> sizes);

// Whole numbers and slices of step 1, one for each of the first axes; views where it is the first axis alone.
Tensor indexed(const Tensor& tensor, const nb::object& index);

}  // namespace recur::python
