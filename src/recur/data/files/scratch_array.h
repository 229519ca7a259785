// A scratch file that is written in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace recur {

// Bytes that are put and read at any place; those between that were never put are zeros. The file has no name, so that
// nothing of it is left however the process ends.
class ScratchArray {
 public:
  // `purpose` begins the messages of errors, "corpus: cannot keep the symbols". The folder: $TMPDIR or
  // /tmp when it is empty. Throws Error when there can be no file in it.
  explicit ScratchArray(std::string purpose, const std::filesystem::path& folder = {});
  ScratchArray(const ScratchArray&) = delete;
  ScratchArray& operator=(const ScratchArray&) = delete;
  ~ScratchArray();

  void resize(int64_t bytes);
  void write(int64_t offset, std::span<const std::byte> bytes);  // throws Error when the disk is full
  // Any number of threads may read what no other writes. Throws Error behind the end.
  void read(int64_t offset, std::span<std::byte> out) const;

 private:
  [[noreturn]] void fail_errno() const;

  std::string purpose_;
  std::filesystem::path folder_;
  int file_ = -1;
};

}  // namespace recur
