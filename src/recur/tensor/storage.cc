#include "recur/tensor/storage.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;

// The size of the class that `bytes` falls in: the next of eight steps between two powers of two.
size_t size_class(size_t bytes) {
  bytes = std::max<size_t>(bytes, 16 * kAlignment);
  const size_t step = std::bit_floor(bytes - 1) / 8;
  return (bytes + step - 1) / step * step;
}

// Large blocks ask for huge pages: five hundred times fewer page faults when they are first written, and products over
// them miss the address translation's cache less. Where the system has none to give, the request changes nothing.
std::byte* allocate(size_t size) {
  if (size < kHugePage) return static_cast<std::byte*>(std::aligned_alloc(kAlignment, size));
  void* block = std::aligned_alloc(kHugePage, size);
  if (block != nullptr) madvise(block, size, MADV_HUGEPAGE);
  return static_cast<std::byte*>(block);
}

class Arena {
 public:
  std::byte* take(size_t size) {
    {
      const std::lock_guard lock(mutex_);
      stats_.bytes_in_use += static_cast<int64_t>(size);
      stats_.peak_bytes = std::max(stats_.peak_bytes, stats_.bytes_in_use);
      auto& blocks = free_[size];
      if (!blocks.empty()) {
        std::byte* block = blocks.back();
        blocks.pop_back();
        stats_.bytes_cached -= static_cast<int64_t>(size);
        return block;
      }
      ++stats_.system_allocations;
    }
    std::byte* block = allocate(size);
    if (block == nullptr) {
      give(nullptr, size);
      fail("out of memory: {} bytes asked for, {} in use", size, stats().bytes_in_use);
    }
    return block;
  }

  void give(std::byte* block, size_t size) {
    const std::lock_guard lock(mutex_);
    stats_.bytes_in_use -= static_cast<int64_t>(size);
    if (block == nullptr) return;
    stats_.bytes_cached += static_cast<int64_t>(size);
    free_[size].push_back(block);
  }

  void trim() {
    const std::lock_guard lock(mutex_);
    for (auto& [size, blocks] : free_) {
      for (std::byte* block : blocks) std::free(block);
      blocks.clear();
    }
    stats_.bytes_cached = 0;
  }

  ArenaStats stats() {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

  void reset_peak() {
    const std::lock_guard lock(mutex_);
    stats_.peak_bytes = stats_.bytes_in_use;
  }

 private:
  std::mutex mutex_;
  std::map<size_t, std::vector<std::byte*>> free_;
  ArenaStats stats_;
};

// Never destroyed: tensors in static storage may outlive any order of destruction.
Arena& arena() {
  static Arena& instance = *new Arena;
  return instance;
}

}  // namespace

Block::Block(size_t bytes) : size_(size_class(bytes)), data_(arena().take(size_)) {}
Block::~Block() { arena().give(data_, size_); }

ArenaStats arena_stats() { return arena().stats(); }
void reset_arena_peak() { arena().reset_peak(); }
void trim_arena() { arena().trim(); }

}  // namespace recur
