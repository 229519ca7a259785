// What the operators of ONNX are in Recur, a file for each kind. https://onnx.ai/onnx/operators has what they mean.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/exchange/onnx/program.h"
#include "recur/tensor/tensor.h"

namespace recur::onnx::reading {  // apart from the names of the other files of this folder

using In = const Call&;
using Numbers = std::vector<int64_t>;

struct Operator {
  const char* name;
  RunNode run;
};
std::span<const Operator> arithmetic_operators();
std::span<const Operator> shape_operators();
std::span<const Operator> layer_operators();

// More elements than any model needs where a file asks for them in a few bytes.
inline constexpr int64_t kMostElements = int64_t{1} << 31;

// Throw Error by the node's name for sizes that are impossible, and axes that are not there or are named twice.
Shape shape_from(In call, const Numbers& sizes);
int64_t axis_in(In call, int64_t axis, int64_t rank);  // counted from 0
Numbers axes_in(In call, Numbers axes, int64_t rank);  // and sorted

// Recur's arithmetic is of real numbers: integers are exact in f64.
Tensor as_real(const Tensor& x);

}  // namespace recur::onnx::reading
