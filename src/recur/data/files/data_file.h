// A file of data to read from front to back, any number of times, unpacked on the way.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// Bytes in order.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills the front of `out`, not empty, and gives the number of bytes, 0 at the end alone; throws Error.
  virtual size_t read(std::span<char> out) = 0;
};

class DataFile {
 public:
  // A pipe (a FIFO, "<(...)" of a shell) is read at once when it is first opened, and kept for the copies of this.
  DataFile(const std::filesystem::path& path);  // NOLINT(google-explicit-constructor)
  static DataFile from_memory(std::string name, std::string bytes);
  // Content that comes from elsewhere, such as a part of another file: `open` begins it anew each time.
  using Open = std::function<std::unique_ptr<ByteStream>()>;
  static DataFile from_stream(std::string name, Open open);
  // What the standard input holds up to its end, which is read at once and kept; throws Error.
  static DataFile standard_input();

  const std::string& name() const { return name_; }
  // The content of a file in memory; null of one on the disk, whose path is its name.
  const std::shared_ptr<const std::string>& memory() const { return memory_; }
  // The extension in small letters, without that of the compression: ".csv" of data.CSV.gz.
  std::string extension() const;

  // The content from its beginning. Compressed content, known by its first bytes (gzip, xz, zstd, several of one kind
  // in a row included), comes unpacked. Memory is bounded whatever the content: about 130 MB for the widest windows of
  // xz and zstd. Throws Error when the file cannot be read, is damaged or cut off, or unpacks to more than 200 times
  // its size and more than unpacked_bytes_allowed(), as files made to exhaust their reader do.
  std::unique_ptr<ByteStream> open() const;
  // The beginning of it, `bytes` at most.
  std::string head(size_t bytes) const;
  // All of it; throws Error beyond max_bytes.
  std::string content(size_t max_bytes) const;

 private:
  class Pipe;

  std::string name_;
  std::shared_ptr<Pipe> pipe_;
  std::shared_ptr<const std::string> memory_;
  Open open_;
};

std::vector<DataFile> data_files(const std::vector<std::filesystem::path>& paths);

}  // namespace recur
