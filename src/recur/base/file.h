// Files: read-only maps, whole small files, and writing that never leaves half a file. Every error names the path and
// what the system said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace recur {

// A file mapped for reading. Move-only; an empty file is an empty span. The bytes change when another program writes
// into the file, and reading past a file that has been cut short since kills the process, as with any map.
class MappedFile {
 public:
  MappedFile() = default;
  explicit MappedFile(const std::filesystem::path& path);  // throws Error: missing, unreadable, not a regular file
  MappedFile(MappedFile&& other) noexcept { swap(other); }
  MappedFile& operator=(MappedFile&& other) noexcept {
    MappedFile(std::move(other)).swap(*this);
    return *this;
  }
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  size_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

  // Gives the memory of the pages inside [begin, end) back to the system; they are read again when touched.
  void release(size_t begin, size_t end) const;

 private:
  void swap(MappedFile& other) noexcept;

  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

// The whole content of a file or pipe; throws Error when it is longer than max_bytes.
std::string read_file(const std::filesystem::path& path, size_t max_bytes = size_t{1} << 30);

// A file being written under a temporary name in the folder of `path`. commit() makes it durable and renames it to
// `path`, replacing what was there in one step; without commit() the temporary file is removed. A process that is
// killed leaves it, and the next one that writes into the folder removes it. A link is followed, so that the file it
// names is replaced.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);  // throws Error
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  void write(std::span<const std::byte> bytes);  // throws Error, for instance when the disk is full
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  uint64_t size() const { return size_; }  // bytes written so far
  void commit();                           // throws Error; nothing may be written afterwards

 private:
  void write_through(std::span<const std::byte> bytes);
  void flush();

  std::filesystem::path path_, temporary_;
  int fd_ = -1;
  uint64_t size_ = 0;
  std::string buffer_;
};

void write_file_atomic(const std::filesystem::path& path, std::string_view text);

// The path from the root, without . and ..; "" stays "". For what is written down and read again from elsewhere.
std::string absolute_path(const std::string& path);

}  // namespace recur
