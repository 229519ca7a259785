// Tensors and the arrays of others: NumPy and whatever speaks DLPack.
#pragma once

#include <nanobind/ndarray.h>

#include "binding.h"
#include "recur/tensor/tensor.h"

namespace recur::python {

// Any array in memory of the processor, row-major; what it is given for is not copied.
using AnyArray = nb::ndarray<nb::c_contig, nb::device::cpu>;

// The same elements; the array lives as long as the tensor. Throws Error for elements that tensors do not have.
Tensor tensor_over(const AnyArray& array);

// The same elements as a NumPy array; with `read_only` one that cannot be written through.
nb::object numpy_over(const Tensor& tensor, bool read_only);

// The same elements as an object that gives capsules of DLPack.
nb::object array_over(const Tensor& tensor);

// "float32" or "f32": as NumPy or as Recur says it. Throws UsageError for other names.
DType dtype_of_name(std::string_view name);
std::string_view numpy_name(DType dtype);

}  // namespace recur::python
