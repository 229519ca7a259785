#include "recur/tensor/foreign.h"

#include <cstdint>
#include <utility>

#include "recur/base/error.h"

namespace recur {
namespace {

class NextBlock {
 public:
  explicit NextBlock(internal::Foreign& memory) { internal::next_block = &memory; }
  NextBlock(const NextBlock&) = delete;
  NextBlock& operator=(const NextBlock&) = delete;
  ~NextBlock() { internal::next_block = nullptr; }
};

}  // namespace

Tensor tensor_over(void* elements, const Shape& shape, DType dtype, std::shared_ptr<void> owner) {
  if (elements == nullptr && shape.numel() > 0)
    fail("tensor: expected the address of {} elements, got null", shape.numel());
  if (reinterpret_cast<std::uintptr_t>(elements) % item_size(dtype) != 0)
    fail("tensor: expected elements aligned to the {} bytes of {}", item_size(dtype), name_of(dtype));
  if (!owner) fail("tensor: memory of someone else needs an owner that keeps it alive");
  internal::Foreign memory{static_cast<std::byte*>(elements), std::move(owner)};
  const NextBlock scope(memory);
  return Tensor::empty(shape, dtype);
}

}  // namespace recur
