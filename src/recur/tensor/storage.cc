#include "recur/tensor/storage.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/tensor/allocation_limit.h"
#include "recur/tensor/foreign.h"

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
  // Not aligned_alloc, which may refuse a size that is no multiple of the alignment.
  void* block = nullptr;
  if (posix_memalign(&block, size < kHugePage ? kAlignment : kHugePage, size) != 0) return nullptr;
  if (size >= kHugePage) madvise(block, size, MADV_HUGEPAGE);
  return static_cast<std::byte*>(block);
}

// Blocks that are given back wait for the next request of their size class. Batches of many shapes leave blocks of many
// sizes behind: what waits may take about as much as the most that was ever in use, and before a new block makes it
// more, those of the classes that have not been asked for longest are freed.
class Arena {
 public:
  std::byte* take(size_t size) {
    {
      const std::lock_guard lock(mutex_);
      stats_.bytes_in_use += static_cast<int64_t>(size);
      stats_.peak_bytes = std::max(stats_.peak_bytes, stats_.bytes_in_use);
      most_in_use_ = std::max(most_in_use_, stats_.bytes_in_use);
      Class& own = free_[size];
      own.asked = ++requests_;
      if (!own.blocks.empty()) {
        std::byte* block = own.blocks.back();
        own.blocks.pop_back();
        stats_.bytes_cached -= static_cast<int64_t>(size);
        return block;
      }
      make_room();
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
    free_[size].blocks.push_back(block);
  }

  void trim() {
    const std::lock_guard lock(mutex_);
    for (auto& [size, each] : free_) release(size, each);
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
  struct Class {
    std::vector<std::byte*> blocks;
    int64_t asked = 0;  // number of the last request
  };
  static constexpr int64_t kAlwaysCached = 64 << 20;

  void release(size_t size, Class& of) {
    for (std::byte* block : of.blocks) std::free(block);
    stats_.bytes_cached -= static_cast<int64_t>(size) * std::ssize(of.blocks);
    of.blocks.clear();
  }

  void make_room() {
    const int64_t most = std::max(most_in_use_ + most_in_use_ / 2, kAlwaysCached);
    while (stats_.bytes_in_use + stats_.bytes_cached > most && stats_.bytes_cached > 0) {
      auto oldest = free_.end();
      for (auto each = free_.begin(); each != free_.end(); ++each) {
        if (each->second.blocks.empty()) continue;
        if (oldest == free_.end() || each->second.asked < oldest->second.asked) oldest = each;
      }
      release(oldest->first, oldest->second);
    }
  }

  std::mutex mutex_;
  std::map<size_t, Class> free_;
  int64_t requests_ = 0;
  int64_t most_in_use_ = 0;  // ever, whatever reset_peak() says
  ArenaStats stats_;
};

// Never destroyed: tensors in static storage may outlive any order of destruction.
Arena& arena() {
  static Arena& instance = *new Arena;
  return instance;
}

// Who keeps the memory of blocks alive that is not the arena's.
class Owners {
 public:
  void put(const Block* block, std::shared_ptr<void> owner) {
    const std::lock_guard lock(mutex_);
    owners_.emplace(block, std::move(owner));
  }
  void drop(const Block* block) {
    std::shared_ptr<void> owner;  // is destroyed without the lock: that may end other blocks
    const std::lock_guard lock(mutex_);
    const auto found = owners_.find(block);
    owner = std::move(found->second);
    owners_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<const Block*, std::shared_ptr<void>> owners_;
};

Owners& owners() {
  static Owners& instance = *new Owners;  // as the arena
  return instance;
}

constexpr size_t kForeign = 0;  // no size class is 0

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
thread_local int64_t bytes_left = kNoLimit;

void count_against_limit(size_t bytes) {
  if (bytes_left == kNoLimit) return;
  if (bytes > static_cast<size_t>(bytes_left)) fail("more memory asked for than is allowed here: {} bytes", bytes);
  bytes_left -= static_cast<int64_t>(bytes);
}

}  // namespace

AllocationLimit::AllocationLimit(int64_t bytes) : outer_(std::exchange(bytes_left, bytes)) {}
AllocationLimit::~AllocationLimit() { bytes_left = outer_; }

Block::Block(size_t bytes) {
  if (internal::Foreign* const foreign = std::exchange(internal::next_block, nullptr)) {
    size_ = kForeign;
    data_ = foreign->data;
    owners().put(this, std::move(foreign->owner));
  } else {
    size_ = size_class(bytes);
    count_against_limit(size_);
    data_ = arena().take(size_);
  }
}

Block::~Block() { size_ == kForeign ? owners().drop(this) : arena().give(data_, size_); }

ArenaStats arena_stats() { return arena().stats(); }
void reset_arena_peak() { arena().reset_peak(); }
void trim_arena() { arena().trim(); }

}  // namespace recur
