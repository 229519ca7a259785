// Predictions while the data are still coming.
#pragma once

#include <optional>
#include <string_view>

#include "recur/tasks/sink.h"

namespace recur {

// A piece of what arrives: a line of text without its end, valid until the next one is asked for.
struct Chunk {
  std::string_view line;
};

// Where chunks come from: the standard input, a connection.
class ChunkSource {
 public:
  virtual ~ChunkSource() = default;
  virtual std::optional<Chunk> next() = 0;  // nothing at the end; throws Error
};

// One stream of data under way, with a state of its own. Made by Trained::session(), which it must not outlive; one
// thread at a time may use it, and any number of sessions go on side by side.
class Session {
 public:
  virtual ~Session() = default;

  // The next chunk. Gives `out` the row that it leads to, or none where it is no sample, such as a header; before the
  // first row, the names of the columns. Throws Error, naming the number of the line, for what cannot be read; the
  // chunk is then as if it had not been.
  virtual void take(const Chunk& chunk, Sink& out) = 0;
};

}  // namespace recur
