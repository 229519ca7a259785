#include "array.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/tensor/foreign.h"

namespace recur::python {
namespace {

using Code = nb::dlpack::dtype_code;

struct Kind {
  DType dtype;
  std::string_view numpy;
  Code code;
};
constexpr std::array<Kind, 6> kKinds{{{DType::kF32, "float32", Code::Float},
                                      {DType::kF64, "float64", Code::Float},
                                      {DType::kBF16, "bfloat16", Code::Bfloat},
                                      {DType::kI32, "int32", Code::Int},
                                      {DType::kI64, "int64", Code::Int},
                                      {DType::kU8, "uint8", Code::UInt}}};

const Kind& kind_of(DType dtype) {
  for (const Kind& kind : kKinds) {
    if (kind.dtype == dtype) return kind;
  }
  fail("unknown dtype {}", static_cast<int>(dtype));
}

DType dtype_of(const nb::dlpack::dtype& type) {
  for (const Kind& kind : kKinds) {
    if (type.code == static_cast<uint8_t>(kind.code) && type.bits == 8 * item_size(kind.dtype) && type.lanes == 1)
      return kind.dtype;
  }
  fail("array: expected elements of float32, float64, bfloat16, int32, int64 or uint8, got {} bits of DLPack's kind {}",
       type.bits, type.code);
}

template <class Array>
nb::object exported(const Tensor& tensor, void* elements) {
  const Kind& kind = kind_of(tensor.dtype());
  const nb::capsule owner(new Tensor(tensor), [](void* kept) noexcept { delete static_cast<Tensor*>(kept); });
  const std::vector<size_t> shape(tensor.shape().begin(), tensor.shape().end());
  return nb::cast(Array(elements, shape.size(), shape.data(), owner, nullptr,
                        {static_cast<uint8_t>(kind.code), static_cast<uint8_t>(8 * item_size(kind.dtype)), 1}));
}

}  // namespace

Tensor tensor_over(const AnyArray& array) {
  std::vector<int64_t> sizes(array.ndim());
  for (size_t i = 0; i < sizes.size(); ++i) sizes[i] = static_cast<int64_t>(array.shape(i));
  if (sizes.size() > Shape::kMaxRank) fail("array: expected at most {} axes, got {}", Shape::kMaxRank, sizes.size());
  // A tensor may die on a thread that has not the GIL, and after the interpreter.
  std::shared_ptr<void> owner(new AnyArray(array), [](void* kept) {
    if (!nb::is_alive()) return;
    const nb::gil_scoped_acquire locked;
    delete static_cast<AnyArray*>(kept);
  });
  return recur::tensor_over(array.data(), Shape(sizes), dtype_of(array.dtype()), std::move(owner));
}

nb::object numpy_over(const Tensor& tensor, bool read_only) {
  if (tensor.dtype() == DType::kBF16) fail("numpy: NumPy has no bfloat16; to(\"float32\") gives an array it has");
  if (read_only) return exported<nb::ndarray<nb::numpy, nb::ro>>(tensor, const_cast<std::byte*>(tensor.bytes()));
  Tensor writable = tensor;
  return exported<nb::ndarray<nb::numpy>>(tensor, writable.bytes());
}

nb::object array_over(const Tensor& tensor) {
  Tensor writable = tensor;
  return exported<nb::ndarray<nb::array_api>>(tensor, writable.bytes());
}

DType dtype_of_name(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Kind& kind : kKinds) {
    if (name == kind.numpy || name == name_of(kind.dtype)) return kind.dtype;
    known.push_back(kind.numpy);
  }
  fail_usage("dtype: expected float32, float64, bfloat16, int32, int64 or uint8, got '{}'{}", name,
             did_you_mean(name, known));
}

std::string_view numpy_name(DType dtype) { return kind_of(dtype).numpy; }

}  // namespace recur::python
