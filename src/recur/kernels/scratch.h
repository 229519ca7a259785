// Memory for the length of a kernel call, kept by the thread for the next one: a steady program allocates none.
#pragma once

#include <cstddef>
#include <cstdint>

namespace recur::kernels {

namespace internal {
void* take_scratch(size_t bytes);  // aligned to a cache line; throws Error when there is no memory
void give_scratch();               // what was taken last
}  // namespace internal

// `count` values with undefined contents. Nested ones are distinct.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t count)
      : data_(static_cast<T*>(internal::take_scratch(static_cast<size_t>(count) * sizeof(T)))) {}
  ~Scratch() { internal::give_scratch(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  T* data() const { return data_; }

 private:
  T* data_;
};

}  // namespace recur::kernels
