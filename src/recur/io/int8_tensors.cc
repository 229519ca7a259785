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

// The scales of the rows of matrix `name`.
std::vector<float> read_scales(const SafetensorsFile& file, const std::string& name, int64_t rows) {
  const TensorView* scale = file.find(name + std::string(kScale));
  if (scale == nullptr) fail("tensor \"{}\": its scales, \"{}{}\", are missing", name, name, kScale);
  const std::vector<int64_t> expected = {rows};
  if (scale->dtype != "F32" || scale->shape != expected)
    fail("tensor \"{}\": expected F32 of shape [{}], got {} of shape [{}]", scale->name, rows, scale->dtype,
         fmt::join(scale->shape, ", "));
  std::vector<float> values(static_cast<size_t>(rows));
  if (!values.empty()) std::memcpy(values.data(), scale->data.data(), scale->data.size());
  for (const float value : values)
    if (!std::isfinite(value) || value < 0)
      fail("tensor \"{}\": expected finite scales >= 0, got {}", scale->name, value);
  return values;
}

Tensor multiplied_out(const SafetensorsFile& file, const TensorView& view) {
  if (view.shape.size() != 2)
    fail("tensor \"{}\": expected a matrix, as its type is I8, got shape [{}]", view.name, fmt::join(view.shape, ", "));
  const int64_t rows = view.shape[0], columns = view.shape[1];
  const std::vector<float> scales = read_scales(file, view.name, rows);
  Tensor result = Tensor::empty({rows, columns});
  float* to = result.data<float>();
  for (int64_t i = 0; i < rows * columns; ++i)
    to[i] = static_cast<float>(static_cast<int8_t>(view.data[i])) * scales[i / columns];
  return result;
}

Tensor with_zeros(const SafetensorsFile& file, const SparseEntry& entry) {
  const std::vector<std::byte> all = entry.dense();
  const TensorView view{entry.name, entry.values->dtype, {entry.rows, entry.columns}, all};
  return is_int8(view) ? multiplied_out(file, view) : tensor_of(view);
}

std::string_view leaf_of(std::string_view name) { return name.substr(name.rfind('.') + 1); }

// Appends a weight of a recurrent layer without its blocks of zeros, and says so; nothing where it has too few.
bool add_sparse(const TensorView& dense, std::deque<SparseMatrix>& kept, std::vector<TensorView>& views) {
  if (!leaf_of(dense.name).starts_with("weight_")) return false;
  std::optional<SparseMatrix> sparse = SparseMatrix::of(dense);
  if (!sparse) return false;
  for (TensorView& view : kept.emplace_back(std::move(*sparse)).views()) views.push_back(std::move(view));
  return true;
}

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

}  // namespace

StoredTensors::StoredTensors(NamedTensors tensors) : tensors_(std::move(tensors)) {
  for (const TensorView& view : views_of(tensors_))
    if (!add_sparse(view, sparse_, views_)) views_.push_back(view);
}

Int8Tensors::Int8Tensors(const NamedTensors& tensors, bool leaves_blocks_out) : kept_(tensors) {
  for (const NamedTensor& tensor : kept_) {
    if (is_rounded_in_int8(tensor))
      add_rounded(tensor, leaves_blocks_out);
    else
      views_.push_back(view_of(tensor.name, tensor.value));
  }
}

void Int8Tensors::add_rounded(const NamedTensor& tensor, bool leaves_blocks_out) {
  const int64_t rows = tensor.value.size(0), columns = tensor.value.size(1);
  Rounded& rounded = rounded_.emplace_back();
  rounded.integers.resize(static_cast<size_t>(rows * columns));
  const float* from = tensor.value.data<float>();
  for (int64_t row = 0; row < rows; ++row) {
    const float scale = kernels::quantize_row(from + row * columns, columns, rounded.integers.data() + row * columns);
    if (!std::isfinite(scale)) fail("tensor \"{}\": row {} is not finite", tensor.name, row);
    rounded.scales.push_back(scale);
  }
  const TensorView dense{tensor.name, std::string(kType), {rows, columns}, bytes_of(rounded.integers)};
  if (!leaves_blocks_out || !add_sparse(dense, sparse_, views_)) views_.push_back(dense);
  views_.push_back({tensor.name + std::string(kScale), "F32", {rows}, bytes_of(rounded.scales)});
}

bool is_rounded_in_int8(const NamedTensor& tensor) {
  const std::string_view leaf = leaf_of(tensor.name);
  if (tensor.value.dtype() != DType::kF32 || tensor.value.rank() != 2 || !leaf.starts_with("weight")) return false;
  return leaf.starts_with("weight_") || tensor.value.numel() >= Int8Tensors::kLeast;
}

bool has_int8(const SafetensorsFile& file) { return std::ranges::any_of(file.tensors(), is_int8); }

int64_t elements_of(const SafetensorsFile& file) {
  int64_t count = 0;
  for (const TensorView& view : file.tensors()) {
    if (is_sparse_part(file, view)) continue;
    if (const auto sparse = sparse_entry(file, view))
      count += sparse->elements();
    else
      count += static_cast<int64_t>(view.data.size() / safetensors_item_size(view.dtype).value_or(1));
  }
  return count;
}

NamedTensors read_tensors(const SafetensorsFile& file) {
  NamedTensors tensors;
  for (const TensorView& view : file.tensors()) {
    if (is_scale(file, view) || is_sparse_part(file, view)) continue;
    if (const auto sparse = sparse_entry(file, view)) {
      tensors.push_back({sparse->name, with_zeros(file, *sparse)});
      continue;
    }
    tensors.push_back({view.name, is_int8(view) ? multiplied_out(file, view) : tensor_of(view)});
  }
  return tensors;
}

}  // namespace recur
