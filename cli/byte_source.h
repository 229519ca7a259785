// The bytes of the standard input as they arrive.
#pragma once

#include <vector>

#include "recur/tasks/session.h"

namespace recur::cli {

class ByteSource : public ChunkSource {
 public:
  std::optional<Chunk> next() override;

 private:
  std::vector<char> bytes_;
};

}  // namespace recur::cli
