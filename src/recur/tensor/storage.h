// Reference-counted memory from a caching arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace recur {

// A block of memory, 64-byte aligned, given back to the arena when the last handle goes. The contents start undefined.
using Storage = std::shared_ptr<std::byte>;
Storage allocate(size_t bytes);

// The arena keeps freed blocks by size class (eight classes to a power of two, so at most 1/8 is wasted) and hands
// them out again: a steady training loop takes nothing from the system. Thread-safe.
struct ArenaStats {
  int64_t bytes_in_use = 0;
  int64_t bytes_cached = 0;
  int64_t peak_bytes = 0;          // the most ever in use
  int64_t system_allocations = 0;  // how often the system was asked for a block
};
ArenaStats arena_stats();
// Starts peak_bytes anew from what is in use.
void reset_arena_peak();
// Gives the cached blocks back to the system.
void trim_arena();

}  // namespace recur
