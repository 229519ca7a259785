// Predictions while the data are still arriving.
#pragma once

#include <optional>
#include <string_view>

#include "recur/tasks/sink.h"

namespace recur {

// A piece of the input, valid until the next one is read: a line of text without its line end, or bytes, cut anywhere.
struct Chunk {
  std::string_view line;
};

// Where chunks come from: the standard input, a connection.
class ChunkSource {
 public:
  virtual ~ChunkSource() = default;
  virtual std::optional<Chunk> next() = 0;  // nothing at the end; throws Error
};

// One stream of data, with its own state. Made by Trained::session(), which it must not outlive. One thread at a time
// may use it; any number of sessions can run at the same time.
class Session {
 public:
  virtual ~Session() = default;

  // Takes the next chunk. Writes its row to `out`, or nothing if it is not a sample, such as a header; before the first
  // row, the names of the columns. Throws Error with the line number for a chunk that cannot be read, which is then
  // ignored.
  virtual void take(const Chunk& chunk, Sink& out) = 0;
  // Behind the last chunk: writes what was waiting for more. Throws Error where the data must not end here.
  virtual void finish(Sink&) {}

  // Whether chunks are bytes, such as those of a sound, and not lines.
  virtual bool takes_bytes() const { return false; }
};

}  // namespace recur
