#include "recur/io/tensor_views.h"

#include <cstring>

#include "recur/base/error.h"

namespace recur {
namespace {

struct TypeName {
  DType dtype;
  const char* name;
};
constexpr TypeName kTypes[] = {{DType::kF32, "F32"}, {DType::kF64, "F64"}, {DType::kBF16, "BF16"},
                               {DType::kI32, "I32"}, {DType::kI64, "I64"}, {DType::kU8, "U8"}};

const char* safetensors_name(DType dtype) {
  for (const TypeName& each : kTypes) {
    if (each.dtype == dtype) return each.name;
  }
  return "";
}

DType dtype_of(const TensorView& view) {
  for (const TypeName& each : kTypes) {
    if (view.dtype == each.name) return each.dtype;
  }
  fail("tensor \"{}\": expected a type F32, F64, BF16, I32, I64 or U8, got {}", view.name, view.dtype);
}

}  // namespace

TensorView view_of(const std::string& name, const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  return {.name = name,
          .dtype = safetensors_name(tensor.dtype()),
          .shape = {shape.begin(), shape.end()},
          .data = {tensor.bytes(), tensor.byte_size()}};
}

std::vector<TensorView> views_of(const NamedTensors& tensors, const std::string& prefix) {
  std::vector<TensorView> views;
  views.reserve(tensors.size());
  for (const NamedTensor& each : tensors) views.push_back(view_of(prefix + each.name, each.value));
  return views;
}

Tensor tensor_of(const TensorView& view) {
  Tensor result = Tensor::empty(Shape(view.shape), dtype_of(view));
  if (!view.data.empty()) std::memcpy(result.bytes(), view.data.data(), view.data.size());
  return result;
}

}  // namespace recur
