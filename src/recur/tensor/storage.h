// Reference-counted memory from a caching arena.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace recur {

// A block of memory, 64-byte aligned, returned to the arena when it is destroyed. Its contents start undefined.
class Block {
 public:
  explicit Block(size_t bytes);
  ~Block();
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  std::byte* data() { return data_; }
  // How often the block was opened for writing: values derived from its contents are valid while this stays the same.
  uint64_t version() const { return version_.load(std::memory_order_relaxed); }
  void bump_version() { version_.fetch_add(1, std::memory_order_relaxed); }
  // Makes the version larger than `other`, for a block that takes the place of another.
  void pass_version(uint64_t other) { version_.fetch_add(other + 1, std::memory_order_relaxed); }

 private:
  size_t size_;
  std::byte* data_;
  std::atomic<uint64_t> version_{0};
};
using Storage = std::shared_ptr<Block>;

// The arena keeps freed blocks by size class (eight classes to a power of two, so at most 1/8 is wasted) and hands
// them out again: a steady training loop allocates nothing from the system. Thread-safe.
struct ArenaStats {
  int64_t bytes_in_use = 0;
  int64_t bytes_cached = 0;
  int64_t peak_bytes = 0;          // the most ever in use
  int64_t system_allocations = 0;  // how often the system was asked for a block
};
ArenaStats arena_stats();
// Resets peak_bytes to the bytes in use.
void reset_arena_peak();
// Gives the cached blocks back to the system.
void trim_arena();

}  // namespace recur
