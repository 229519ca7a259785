#include "recur/tensor/tensor.h"

#include <cassert>
#include <cstring>
#include <type_traits>

namespace recur {
namespace {

template <class To, class From>
To convert(From value) {
  if constexpr (std::is_same_v<From, bf16> || std::is_same_v<To, bf16>)
    return static_cast<To>(static_cast<float>(value));
  else
    return static_cast<To>(value);
}

}  // namespace

const void* Tensor::checked(DType dtype) const {
  if (get().dtype != dtype) fail("tensor: expected {}, got {}", name_of(dtype), name_of(get().dtype));
  return bytes();
}

Tensor Tensor::empty(const Shape& shape, DType dtype) {
  Tensor result;
  result.impl_ = std::make_shared<Impl>();
  Impl& impl = *result.impl_;
  impl.shape = shape;
  impl.numel = shape.numel();
  impl.dtype = dtype;
  impl.storage = std::make_shared<Block>(static_cast<size_t>(impl.numel) * item_size(dtype));
  return result;
}

Tensor Tensor::full(const Shape& shape, double value, DType dtype) {
  Tensor result = empty(shape, dtype);
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    T* p = result.data<T>();
    std::fill(p, p + result.numel(), convert<T>(value));
  });
  return result;
}

double Tensor::item() const {
  if (numel() != 1) fail("tensor: item: expected one element, got shape {}", shape().str());
  return dispatch(dtype(), [&](auto zero) { return convert<double>(*data<decltype(zero)>()); });
}

Tensor Tensor::clone(DType to) const {
  Tensor result = empty(shape(), to);
  if (to == dtype()) {
    std::memcpy(result.bytes(), bytes(), byte_size());
    return result;
  }
  dispatch(dtype(), [&](auto from_zero) {
    using From = decltype(from_zero);
    dispatch(to, [&](auto to_zero) {
      using To = decltype(to_zero);
      const auto from = values<From>();
      std::transform(from.begin(), from.end(), result.data<To>(), [](From value) { return convert<To>(value); });
    });
  });
  return result;
}

Tensor Tensor::alias(int64_t offset, const Shape& shape) const {
  assert(offset >= 0 && offset + shape.numel() <= numel());
  Tensor result;
  result.impl_ = std::make_shared<Impl>();
  Impl& impl = *result.impl_;
  impl.storage = get().storage;
  impl.offset = get().offset + offset * static_cast<int64_t>(item_size(dtype()));
  impl.shape = shape;
  impl.numel = shape.numel();
  impl.dtype = dtype();
  return result;
}

void Tensor::rebind(const Tensor& other) {
  if (shape() != other.shape()) fail("rebind: expected shape {}, got {}", shape().str(), other.shape().str());
  Impl& impl = get();
  other.get().storage->pass_version(impl.storage->version());
  impl.storage = other.get().storage;
  impl.offset = other.get().offset;
  impl.dtype = other.get().dtype;
}

bool Tensor::shares_storage_with(const Tensor& other) const { return get().storage == other.get().storage; }
bool Tensor::is_only_handle() const { return impl_.use_count() == 1 && impl_->storage.use_count() == 1; }

void Tensor::copy_from(const Tensor& other) {
  if (shape() != other.shape() || dtype() != other.dtype())
    fail("copy: expected {} {}, got {} {}", name_of(dtype()), shape().str(), name_of(other.dtype()),
         other.shape().str());
  std::memmove(bytes(), other.bytes(), byte_size());
}

}  // namespace recur
