// Memory for the length of a kernel call, kept by the thread for the next one: a steady program allocates none.
#pragma once

#include <cstddef>

namespace recur::kernels {

// `count` values, aligned to a cache line, with undefined contents. Nested ones are distinct.
class Scratch {
 public:
  explicit Scratch(size_t count);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  float* data() const { return data_; }

 private:
  float* data_;
};

}  // namespace recur::kernels
