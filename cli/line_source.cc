#include "cli/line_source.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "recur/base/error.h"

namespace recur::cli {

std::optional<Chunk> LineSource::next() {
  constexpr std::size_t kLongest = std::size_t{1} << 24;
  line_.clear();
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') return Chunk{line_};
    if (line_.size() == kLongest) fail("standard input: a line is longer than {} bytes", kLongest);
    line_ += static_cast<char>(c);
  }
  if (std::ferror(stdin) != 0) fail("cannot read the standard input: {}", std::strerror(errno));
  if (line_.empty()) return std::nullopt;
  return Chunk{line_};
}

}  // namespace recur::cli
