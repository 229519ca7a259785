// Whether what was made from a tensor still stands for it.
#pragma once

#include <cstdint>

#include "recur/tensor/tensor.h"

namespace recur {

// A tensor as it was. Held, not only remembered by its address: another could be put where a freed one was.
class TensorMark {
 public:
  TensorMark() = default;
  explicit TensorMark(const Tensor& tensor)
      : tensor_(tensor.defined() ? tensor.detach() : Tensor()), version_(tensor.defined() ? tensor.version() : 0) {}

  // Whether this is another handle on the same elements, unchanged; undefined tensors are all the same.
  bool is(const Tensor& tensor) const {
    if (!tensor_.defined() || !tensor.defined()) return tensor_.defined() == tensor.defined();
    return tensor_.dtype() == tensor.dtype() && tensor_.shares_storage_with(tensor) &&
           tensor_.bytes() == tensor.bytes() && version_ == tensor.version();
  }

 private:
  Tensor tensor_;
  uint64_t version_ = 0;
};

}  // namespace recur
