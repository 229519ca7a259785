#include "recur/kernels/cpu/scratch.h"

#include <cstdlib>
#include <memory>
#include <vector>

#include "recur/base/error.h"

namespace recur::kernels {
namespace {

struct Free {
  void operator()(float* p) const { std::free(p); }
};

struct Buffer {
  std::unique_ptr<float, Free> data;
  size_t size = 0;

  void grow(size_t count) {
    constexpr size_t kAlignment = 64;
    if (count <= size) return;
    data.reset();
    const size_t bytes = (count * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment;
    data.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes)));
    size = data != nullptr ? count : 0;
    if (data == nullptr) fail("out of memory: {} bytes asked for by a kernel", bytes);
  }
};

// One buffer a depth of nesting.
struct Stack {
  std::vector<Buffer> buffers;
  size_t depth = 0;
};

thread_local Stack stack;

}  // namespace

Scratch::Scratch(size_t count) {
  if (stack.depth == stack.buffers.size()) stack.buffers.emplace_back();
  stack.buffers[stack.depth].grow(count);
  data_ = stack.buffers[stack.depth++].data.get();
}

Scratch::~Scratch() { --stack.depth; }

}  // namespace recur::kernels
