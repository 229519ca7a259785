#include "recur/data/files/data_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/read_files.h"
#include "recur/data/files/byte_limits.h"
#include "recur/data/files/pipe.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/stored_bytes.h"
#include "recur/data/files/unpack.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

class FileStream : public ByteStream {
 public:
  // A pipe is waited for until something writes into it; nothing else is.
  FileStream(const std::string& name, bool pipe)
      : name_(name), fd_(::open(name.c_str(), O_RDONLY | O_CLOEXEC | (pipe ? 0 : O_NONBLOCK))) {
    if (fd_ < 0) fail_system("open");
    struct stat status;
    if (::fstat(fd_, &status) != 0) fail_system("read");
    if (pipe ? !S_ISFIFO(status.st_mode) : !S_ISREG(status.st_mode)) close_and_fail(S_ISDIR(status.st_mode));
    note_read(status);
  }
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;
  ~FileStream() override { ::close(fd_); }

  size_t read(std::span<char> out) override {
    for (;;) {
      const ssize_t count = ::read(fd_, out.data(), out.size());
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) fail_system("read");
    }
  }

 private:
  [[noreturn]] void fail_system(std::string_view action) const {
    fail("cannot {} {}: {}", action, name_, std::generic_category().message(errno));
  }
  [[noreturn]] void close_and_fail(bool folder) const {
    ::close(fd_);
    fail("cannot read {}: it is {}", name_, folder ? "a folder; expected files" : "not a regular file");
  }

  std::string name_;
  int fd_;
};

class StoredStream : public ByteStream {
 public:
  explicit StoredStream(std::shared_ptr<const internal::StoredBytes> bytes) : bytes_(std::move(bytes)) {}

  size_t read(std::span<char> out) override {
    const size_t count = std::min(out.size(), bytes_->size() - at_);
    bytes_->read(at_, out.first(count));
    at_ += count;
    return count;
  }

 private:
  std::shared_ptr<const internal::StoredBytes> bytes_;
  size_t at_ = 0;
};

class MemoryStream : public ByteStream {
 public:
  explicit MemoryStream(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}

  size_t read(std::span<char> out) override {
    const size_t count = std::min(out.size(), bytes_->size() - at_);
    std::memcpy(out.data(), bytes_->data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::shared_ptr<const std::string> bytes_;
  size_t at_ = 0;
};

// Fewer than `bytes` at the end of the stream alone.
std::string read_up_to(ByteStream& stream, size_t bytes) {
  std::string out;
  std::array<char, 1 << 16> buffer;
  while (out.size() < bytes) {
    const size_t count = stream.read(std::span(buffer).first(std::min(buffer.size(), bytes - out.size())));
    if (count == 0) break;
    out.append(buffer.data(), count);
  }
  return out;
}

}  // namespace

bool is_pipe(const std::string& name) {
  struct stat status;
  return ::stat(name.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

// What is read once cannot be read a second time, as finding out its format needs: it is kept, in a scratch file where
// it is large.
class DataFile::Pipe {
 public:
  std::unique_ptr<ByteStream> open(const std::string& name) {
    std::call_once(read_, [&] {
      FileStream stream(name, true);
      bytes_ = std::make_shared<const internal::StoredBytes>(stream, static_cast<size_t>(usual_memory_bytes()),
                                                             name + ": cannot keep what the pipe gives");
    });
    return std::make_unique<StoredStream>(bytes_);
  }

 private:
  std::once_flag read_;
  std::shared_ptr<const internal::StoredBytes> bytes_;
};

DataFile::DataFile(const fs::path& path) : name_(path.string()) {
  if (is_pipe(name_)) pipe_ = std::make_shared<Pipe>();
}

DataFile DataFile::from_memory(std::string name, std::string bytes) {
  DataFile file{fs::path(std::move(name))};
  file.memory_ = std::make_shared<const std::string>(std::move(bytes));
  return file;
}

DataFile DataFile::from_stream(std::string name, Open open) {
  DataFile file{fs::path(std::move(name))};
  file.open_ = std::move(open);
  return file;
}

DataFile DataFile::standard_input() {
  constexpr size_t kMost = size_t{4} << 30;
  return from_memory("standard input", read_file("/dev/stdin", kMost));
}

std::string DataFile::extension() const {
  fs::path path = lower_ascii(fs::path(name_).filename().string());
  const std::string last = path.extension();
  if (last == ".gz" || last == ".xz" || last == ".zst") path = path.stem();
  return path.extension();
}

std::unique_ptr<ByteStream> DataFile::open() const {
  std::unique_ptr<ByteStream> stream;
  if (memory_) {
    stream = std::make_unique<MemoryStream>(memory_);
  } else if (open_) {
    stream = open_();
  } else {
    stream = pipe_ ? pipe_->open(name_) : std::make_unique<FileStream>(name_, false);
  }
  std::string head = read_up_to(*stream, internal::kMagicBytes);
  return internal::unpacked(std::move(stream), std::move(head), name_);
}

std::string DataFile::head(size_t bytes) const { return read_up_to(*open(), bytes); }

std::string DataFile::content(size_t max_bytes) const {
  std::string out = read_up_to(*open(), max_bytes + 1);
  if (out.size() > max_bytes) fail("{}: more than {} bytes", name_, max_bytes);
  return out;
}

std::vector<DataFile> data_files(const std::vector<fs::path>& paths) { return {paths.begin(), paths.end()}; }

}  // namespace recur
