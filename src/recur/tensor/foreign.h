// Tensors over memory of someone else, such as an array of NumPy: nothing is copied.
#pragma once

#include <memory>

#include "recur/tensor/tensor.h"

namespace recur {

// Elements in memory that `owner` keeps alive as long as any tensor shares them: row-major, aligned to their type, in
// no other way than that. Throws Error for null, for addresses that are not aligned, and without an owner.
Tensor tensor_over(void* elements, const Shape& shape, DType dtype, std::shared_ptr<void> owner);

namespace internal {

struct Foreign {
  std::byte* data;
  std::shared_ptr<void> owner;
};
// What the next Block that this thread makes lies over, instead of memory of the arena; null: nothing. A Block has no
// place for an owner, which next to none of them needs: storage.cc keeps owners in a table of their own.
inline constinit thread_local Foreign* next_block = nullptr;

}  // namespace internal
}  // namespace recur
