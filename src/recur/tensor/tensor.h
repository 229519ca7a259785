// The tensor: a handle on a contiguous, row-major array.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "recur/tensor/dtype.h"
#include "recur/tensor/shape.h"
#include "recur/tensor/storage.h"

namespace recur {

namespace autograd {
class Node;
struct Link;
}  // namespace autograd

// Copying a Tensor copies the handle, not the elements; clone() copies the elements. Ops never modify their inputs:
// only the owner of a tensor (an optimiser for its parameters, a reader for its batch) writes through data().
class Tensor {
 public:
  Tensor() = default;  // undefined: stands for "none" where an argument is optional

  static Tensor empty(const Shape& shape, DType dtype = DType::kF32);  // elements undefined
  static Tensor zeros(const Shape& shape, DType dtype = DType::kF32) { return full(shape, 0, dtype); }
  static Tensor ones(const Shape& shape, DType dtype = DType::kF32) { return full(shape, 1, dtype); }
  static Tensor full(const Shape& shape, double value, DType dtype = DType::kF32);
  static Tensor scalar(double value, DType dtype = DType::kF32) { return full({}, value, dtype); }
  // Copies `values`; throws if their number differs from that of the shape.
  template <class T>
  static Tensor from(std::span<const T> values, const Shape& shape);
  template <class T>
  static Tensor from(const std::vector<T>& values, const Shape& shape) {
    return from(std::span<const T>(values), shape);
  }
  static Tensor from(std::initializer_list<float> values, const Shape& shape) {
    return from(std::span<const float>(values.begin(), values.size()), shape);
  }

  bool defined() const { return impl_ != nullptr; }
  explicit operator bool() const { return defined(); }
  const Shape& shape() const;
  int64_t size(int axis) const { return shape()[axis]; }
  int rank() const { return shape().rank(); }
  int64_t numel() const;
  DType dtype() const;

  // The elements; throws if the tensor does not hold T.
  template <class T>
  T* data() {
    return static_cast<T*>(checked(kDTypeOf<T>));
  }
  template <class T>
  const T* data() const {
    return static_cast<const T*>(checked(kDTypeOf<T>));
  }
  template <class T>
  std::span<const T> values() const {
    return {data<T>(), static_cast<size_t>(numel())};
  }
  std::byte* bytes();
  const std::byte* bytes() const;
  size_t byte_size() const { return static_cast<size_t>(numel()) * item_size(dtype()); }
  double item() const;  // the value of a tensor with one element

  // A new array with the same elements (in another dtype), outside any graph.
  Tensor clone() const { return clone(dtype()); }
  Tensor clone(DType dtype) const;
  // Another handle on the same elements, outside any graph.
  Tensor detach() const { return alias(0, shape()); }
  // The same storage from element `offset` on, seen as `shape`, outside any graph.
  Tensor alias(int64_t offset, const Shape& shape) const;
  void copy_from(const Tensor& other);  // overwrites the elements; shape and dtype must agree
  // Makes this array share the elements of `other`, for every handle on it. The shapes must agree, the dtype may
  // differ; identity, leaf status and grad stay.
  void rebind(const Tensor& other);
  // Increases whenever the storage is opened for writing, through this or another handle: a key for caches of values
  // derived from the elements. So call data() again before each round of writing.
  uint64_t version() const;
  bool shares_storage_with(const Tensor& other) const;
  // Whether no other handle or array sees these elements, so that whoever holds this one may overwrite them.
  bool is_only_handle() const;

  // --- gradients (defined in autograd/) ---
  // Whether operations on this tensor are recorded.
  bool requires_grad() const;
  // Makes this leaf require a gradient (a parameter, an input to differentiate by); throws for the result of an op.
  Tensor& set_requires_grad(bool value = true);
  // The gradient that backward() has accumulated for this leaf; undefined before.
  const Tensor& grad() const;
  void set_grad(Tensor grad);
  // Adds d(this)/d(leaf) to the grad of every leaf that this one-element tensor depends on, and frees the graph.
  void backward() const;

  // The identity of the array behind the handle, for use as a key.
  const void* id() const { return impl_.get(); }

 private:
  friend struct autograd::Link;

  struct Impl;

  const Impl& get() const {
    if (impl_ == nullptr) fail("tensor: an undefined tensor was used");
    return *impl_;
  }
  Impl& get() { return const_cast<Impl&>(std::as_const(*this).get()); }
  const void* checked(DType dtype) const;
  void* checked(DType dtype) {
    std::as_const(*this).checked(dtype);
    return bytes();
  }

  std::shared_ptr<Impl> impl_;
};

using Tensors = std::vector<Tensor>;

struct Tensor::Impl {
  Storage storage;
  int64_t offset = 0;  // bytes
  int64_t numel = 0;
  Shape shape;
  DType dtype = DType::kF32;
  bool is_leaf_requiring_grad = false;
  int output_index = 0;                  // which output of `node` this is
  std::shared_ptr<autograd::Node> node;  // what made it; null for leaves
  Tensor grad;
};

inline const Shape& Tensor::shape() const { return get().shape; }
inline int64_t Tensor::numel() const { return get().numel; }
inline DType Tensor::dtype() const { return get().dtype; }
inline std::byte* Tensor::bytes() {
  get().storage->bump_version();
  return get().storage->data() + get().offset;
}
inline const std::byte* Tensor::bytes() const { return get().storage->data() + get().offset; }
inline uint64_t Tensor::version() const { return get().storage->version(); }
inline const Tensor& Tensor::grad() const { return get().grad; }

template <class T>
Tensor Tensor::from(std::span<const T> values, const Shape& shape) {
  if (static_cast<int64_t>(values.size()) != shape.numel())
    fail("tensor: shape {} needs {} values, got {}", shape.str(), shape.numel(), values.size());
  Tensor result = empty(shape, kDTypeOf<T>);
  std::copy(values.begin(), values.end(), result.data<T>());
  return result;
}

}  // namespace recur
