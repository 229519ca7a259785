// Finds a sequence of a set that is being read by its id. For the readers' sources alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "recur/data/sequences/sequence_set.h"

namespace recur::internal {

// A table of numbers of sequences with open addressing (linear probing): the ids stay where they are, and a million
// sequences take 16 MB.
class IdIndex {
 public:
  explicit IdIndex(const std::vector<Sequence>& sequences) : sequences_(sequences), slots_(kFirst) {}

  std::optional<size_t> find(std::string_view id) const {
    const uint32_t hash = hash_of(id);
    for (size_t at = hash & mask(); slots_[at].number != 0; at = (at + 1) & mask()) {
      const size_t index = slots_[at].number - 1;
      if (slots_[at].hash == hash && sequences_[index].id == id) return index;
    }
    return std::nullopt;
  }

  // The last sequence, whose id is new.
  void add_last() {
    const size_t count = sequences_.size();
    if (count * 2 > slots_.size()) grow();
    insert({.hash = hash_of(sequences_.back().id), .number = static_cast<uint32_t>(count)});
  }

 private:
  static constexpr size_t kFirst = 64;
  struct Slot {
    uint32_t hash = 0;
    uint32_t number = 0;  // from 1; 0: free
  };

  static uint32_t hash_of(std::string_view id) {
    const size_t hash = std::hash<std::string_view>{}(id);
    return static_cast<uint32_t>(hash ^ (hash >> 32));
  }
  size_t mask() const { return slots_.size() - 1; }

  void insert(const Slot& slot) {
    size_t at = slot.hash & mask();
    while (slots_[at].number != 0) at = (at + 1) & mask();
    slots_[at] = slot;
  }

  void grow() {
    std::vector<Slot> before(slots_.size() * 2);
    before.swap(slots_);
    for (const Slot& slot : before) {
      if (slot.number != 0) insert(slot);
    }
  }

  const std::vector<Sequence>& sequences_;
  std::vector<Slot> slots_;  // a power of two
};

}  // namespace recur::internal
