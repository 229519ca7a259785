// A bound on the memory that a computation takes which an untrusted file asks for.
#pragma once

#include <cstdint>

namespace recur {

// While this lives, blocks that this thread makes count against `bytes`, those given back as well, and one beyond
// throws Error. Of several the innermost counts.
class AllocationLimit {
 public:
  explicit AllocationLimit(int64_t bytes);
  ~AllocationLimit();
  AllocationLimit(const AllocationLimit&) = delete;
  AllocationLimit& operator=(const AllocationLimit&) = delete;

 private:
  int64_t outer_;
};

}  // namespace recur
