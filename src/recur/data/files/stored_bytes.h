// What a stream has, to be read at any place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "recur/data/files/data_file.h"
#include "recur/data/files/scratch_file.h"

namespace recur::internal {

// In memory, or in a scratch file where it is more than `most_in_memory` bytes. Any number of threads may read.
class StoredBytes {
 public:
  StoredBytes(ByteStream& stream, size_t most_in_memory, const std::string& purpose);

  size_t size() const { return size_; }
  void read(size_t begin, std::span<char> out) const;  // must be within

 private:
  std::string memory_;
  std::optional<ScratchFile> file_;
  size_t size_ = 0;
};

}  // namespace recur::internal
