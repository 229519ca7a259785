// What need not be in memory, in a file without a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/scratch_array.h"

namespace recur {

// Bytes that are appended in order and read at any place. The file has no name, so that nothing of it is left however
// the process ends.
class ScratchFile {
 public:
  // `purpose` begins the messages of errors: "corpus: cannot keep the symbols". The folder: $TMPDIR or /tmp when it is
  // empty. Throws Error when there can be no file in it.
  explicit ScratchFile(std::string purpose, const std::filesystem::path& folder = {});
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  void append(std::span<const std::byte> bytes);  // throws Error when the disk is full
  void flush();                                   // must come between append() and read()
  int64_t size() const { return written_ + std::ssize(buffer_); }

  // Fills `out` from `offset` on; any number of threads may read. The pages are the system's to keep or to drop, and
  // never count as memory of this process.
  void read(int64_t offset, std::span<std::byte> out) const;

 private:
  void write(std::span<const std::byte> bytes);

  ScratchArray file_;
  int64_t written_ = 0;
  std::vector<std::byte> buffer_;  // what is not written yet
};

}  // namespace recur
