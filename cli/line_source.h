// The lines of the standard input as they arrive.
#pragma once

#include <string>

#include "recur/tasks/session.h"

namespace recur::cli {

class LineSource : public ChunkSource {
 public:
  std::optional<Chunk> next() override;

 private:
  std::string line_;
};

}  // namespace recur::cli
