#include "recur/io/int8_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "recur/base/error.h"
#include "recur/kernels/quantize.h"

namespace recur {
namespace {

constexpr std::string_view kType = "I8", kScale = ".scale";

bool is_int8(const TensorView& view) { return view.dtype == kType; }

// Whether the tensor is the scale of another.
bool is_scale(const SafetensorsFile& file, const TensorView& view) {
  if (!view.name.ends_with(kScale)) return false;
  const TensorView* of = file.find(std::string_view(view.name).substr(0, view.name.size() - kScale.size()));
  return of != nullptr && is_int8(*of);
}

std::vector<float> read_scales(const SafetensorsFile& file, const TensorView& view) {
  const TensorView* scale = file.find(view.name + std::string(kScale));
  if (scale == nullptr) fail("tensor \"{}\": its scales, \"{}{}\", are missing", view.name, view.name, kScale);
  const std::vector<int64_t> expected = {view.shape[0]};
  if (scale->dtype != "F32" || scale->shape != expected)
    fail("tensor \"{}\": expected F32 of shape [{}], got {} of shape [{}]", scale->name, view.shape[0], scale->dtype,
         fmt::join(scale->shape, ", "));
  std::vector<float> values(static_cast<size_t>(view.shape[0]));
  if (!values.empty()) std::memcpy(values.data(), scale->data.data(), scale->data.size());
  for (const float value : values)
    if (!std::isfinite(value) || value < 0)
      fail("tensor \"{}\": expected finite scales >= 0, got {}", scale->name, value);
  return values;
}

Tensor multiplied_out(const SafetensorsFile& file, const TensorView& view) {
  if (view.shape.size() != 2)
    fail("tensor \"{}\": expected a matrix, as its type is I8, got shape [{}]", view.name, fmt::join(view.shape, ", "));
  const std::vector<float> scales = read_scales(file, view);
  const int64_t rows = view.shape[0], columns = view.shape[1];
  Tensor result = Tensor::empty({rows, columns});
  float* to = result.data<float>();
  for (int64_t i = 0; i < rows * columns; ++i)
    to[i] = static_cast<float>(static_cast<int8_t>(view.data[i])) * scales[i / columns];
  return result;
}

bool is_rounded(const NamedTensor& tensor) {
  const std::string_view leaf = std::string_view(tensor.name).substr(tensor.name.rfind('.') + 1);
  if (tensor.value.rank() != 2 || !leaf.starts_with("weight")) return false;
  return leaf.starts_with("weight_") || tensor.value.numel() >= Int8Tensors::kLeast;
}

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

}  // namespace

Int8Tensors::Int8Tensors(const NamedTensors& tensors) : kept_(tensors) {
  for (const NamedTensor& tensor : kept_) {
    if (tensor.value.dtype() == DType::kF32 && is_rounded(tensor))
      add_rounded(tensor);
    else
      views_.push_back(view_of(tensor.name, tensor.value));
  }
}

void Int8Tensors::add_rounded(const NamedTensor& tensor) {
  const int64_t rows = tensor.value.size(0), columns = tensor.value.size(1);
  Rounded& rounded = rounded_.emplace_back();
  rounded.integers.resize(static_cast<size_t>(rows * columns));
  const float* from = tensor.value.data<float>();
  for (int64_t row = 0; row < rows; ++row) {
    const float scale = kernels::quantize_row(from + row * columns, columns, rounded.integers.data() + row * columns);
    if (!std::isfinite(scale)) fail("tensor \"{}\": row {} is not finite", tensor.name, row);
    rounded.scales.push_back(scale);
  }
  views_.push_back({tensor.name, std::string(kType), {rows, columns}, bytes_of(rounded.integers)});
  views_.push_back({tensor.name + std::string(kScale), "F32", {rows}, bytes_of(rounded.scales)});
}

bool has_int8(const SafetensorsFile& file) { return std::ranges::any_of(file.tensors(), is_int8); }

NamedTensors read_tensors(const SafetensorsFile& file) {
  NamedTensors tensors;
  for (const TensorView& view : file.tensors()) {
    if (is_scale(file, view)) continue;
    tensors.push_back({view.name, is_int8(view) ? multiplied_out(file, view) : tensor_of(view)});
  }
  return tensors;
}

}  // namespace recur
