#include "cli/byte_source.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "recur/base/error.h"

namespace recur::cli {

std::optional<Chunk> ByteSource::next() {
  constexpr std::size_t kMost = std::size_t{1} << 16;
  bytes_.resize(kMost);
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, bytes_.data(), bytes_.size());
    if (count > 0) return Chunk{{bytes_.data(), static_cast<std::size_t>(count)}};
    if (count == 0) return std::nullopt;
    if (errno != EINTR) fail("cannot read the standard input: {}", std::strerror(errno));
  }
}

}  // namespace recur::cli
