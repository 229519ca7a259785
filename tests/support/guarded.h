// Arrays that end where memory ends: a kernel that reads or writes one element too many is killed on the spot, also
// where a sanitizer does not see the access, as with masked vector instructions.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <new>
#include <vector>

namespace recur::testing {

template <class T>
class Guarded {
 public:
  explicit Guarded(int64_t count) : count_(count) {
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE)), bytes = static_cast<size_t>(count) * sizeof(T);
    const size_t used = (bytes + page - 1) / page * page;
    size_ = used + page;
    void* mapped = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(mapped);
    ::mprotect(base_ + used, page, PROT_NONE);
    data_ = reinterpret_cast<T*>(base_ + used - bytes);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { ::munmap(base_, size_); }

  T* data() { return data_; }
  int64_t size() const { return count_; }
  std::vector<T> copy() const { return {data_, data_ + count_}; }

 private:
  int64_t count_;
  size_t size_;
  std::byte* base_;
  T* data_;
};

// Any number of them, which live as long as it does.
template <class T>
class GuardedArrays {
 public:
  T* make(int64_t count, T value = T()) {
    T* data = arrays_.emplace_back(count).data();
    std::fill(data, data + count, value);
    return data;
  }
  template <class From>
  T* copy_of(const std::vector<From>& values) {
    T* data = make(static_cast<int64_t>(values.size()));
    std::transform(values.begin(), values.end(), data, [](From value) { return static_cast<T>(value); });
    return data;
  }

 private:
  std::deque<Guarded<T>> arrays_;
};

}  // namespace recur::testing
