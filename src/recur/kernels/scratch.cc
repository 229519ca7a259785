#include "recur/kernels/scratch.h"

#include <cstdlib>
#include <memory>
#include <vector>

#include "recur/base/error.h"

namespace recur::kernels::internal {
namespace {

struct Free {
  void operator()(void* p) const { std::free(p); }
};

struct Buffer {
  std::unique_ptr<void, Free> data;
  size_t size = 0;

  void grow(size_t bytes) {
    constexpr size_t kAlignment = 64;
    if (bytes <= size) return;
    data.reset();  // what it holds is of no use any more
    size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    data.reset(std::aligned_alloc(kAlignment, size));
    if (data != nullptr) return;
    size = 0;
    fail("out of memory: {} bytes asked for by a kernel", bytes);
  }
};

// One buffer a depth of nesting.
struct Stack {
  std::vector<Buffer> buffers;
  size_t depth = 0;
};

thread_local Stack stack;

}  // namespace

void* take_scratch(size_t bytes) {
  if (stack.depth == stack.buffers.size()) stack.buffers.emplace_back();
  stack.buffers[stack.depth].grow(bytes);
  return stack.buffers[stack.depth++].data.get();
}

void give_scratch() { --stack.depth; }

}  // namespace recur::kernels::internal
