// A scratch file that is written in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace recur {

namespace internal {
// The file of ScratchFile and ScratchArray: without a name, in the folder, or in $TMPDIR or /tmp when that is empty.
// Below 0 when there can be none, with errno set.
int open_scratch(const std::filesystem::path& folder);
std::filesystem::path scratch_folder(const std::filesystem::path& folder);
}  // namespace internal

// Bytes that are put and read at any place; those between that were never put are zeros. The file has no name, so that
// nothing of it is left however the process ends.
class ScratchArray {
 public:
  // `purpose` begins the messages of errors, as that of ScratchFile. Throws Error when there can be no file.
  explicit ScratchArray(std::string purpose, std::filesystem::path folder = {});
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
