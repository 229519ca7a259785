#include "recur/base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/read_files.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 1 << 20;
constexpr std::string_view kTemporary = ".tmp-";

[[noreturn]] void fail_system(std::string_view action, const fs::path& path, int error = errno) {
  fail("cannot {} {}: {}", action, path.string(), std::generic_category().message(error));
}

// An open file that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

int open_for_reading(const fs::path& path, int more_flags = 0) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | more_flags);
  if (fd < 0) fail_system("open", path);
  return fd;
}

struct stat status_of(int fd, const fs::path& path) {
  struct stat status;
  if (::fstat(fd, &status) != 0) fail_system("read", path);
  if (S_ISDIR(status.st_mode)) fail_system("read", path, EISDIR);
  note_read(status);
  return status;
}

// Where a write to `path` really goes; refuses what a rename would destroy, such as a device.
fs::path resolve_target(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) fail_system("write", path, EISDIR);
  if (fs::exists(status) && !fs::is_regular_file(status)) fail("cannot write {}: not a regular file", path.string());
  if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
  const fs::path target = fs::weakly_canonical(path, error);
  return error ? path : target;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// Makes the rename itself durable. Some file systems cannot sync a folder, which is not an error of ours.
void sync_folder(const fs::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() >= 0) ::fsync(descriptor.get());
}

// The process that wrote a temporary file NAME.tmp-PROCESS-N; 0 of others.
pid_t writer_of(const std::string& name) {
  constexpr pid_t kLargest = 1 << 22;  // of Linux
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const size_t mark = name.rfind(kTemporary);
  if (mark == 0 || mark == std::string::npos) return 0;
  const std::string_view rest = std::string_view(name).substr(mark + kTemporary.size());
  const size_t dash = rest.find('-');
  if (dash == std::string::npos) return 0;
  const std::string_view process = rest.substr(0, dash), number = rest.substr(dash + 1);
  const bool digits = std::ranges::all_of(process, is_digit) && std::ranges::all_of(number, is_digit);
  if (!digits || process.empty() || process.size() > 7 || number.empty() || number.size() > 10) return 0;
  const int pid = std::atoi(std::string(process).c_str());
  return pid <= kLargest ? pid : 0;
}

// Whether the process is gone, and no other one, perhaps in a container, holds the file.
bool is_left_behind(const fs::path& file) {
  const pid_t writer = writer_of(file.filename().string());
  if (writer <= 0 || ::kill(writer, 0) == 0 || errno != ESRCH) return false;
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  return descriptor.get() >= 0 && ::fstat(descriptor.get(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::flock(descriptor.get(), LOCK_EX | LOCK_NB) == 0;
}

// What killed processes left in the folder. Looked for once by a process: it leaves nothing itself.
void remove_left_behind(const fs::path& folder) {
  static std::mutex mutex;
  static std::set<fs::path> seen;
  const std::lock_guard lock(mutex);
  std::error_code error;
  if (!seen.insert(fs::weakly_canonical(folder, error)).second) return;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (is_left_behind(at->path())) ::unlink(at->path().c_str());
  }
}

}  // namespace

MappedFile::MappedFile(const fs::path& path) : path_(path) {
  // Without O_NONBLOCK a pipe would be waited for.
  const Descriptor descriptor(open_for_reading(path, O_NONBLOCK));
  const struct stat status = status_of(descriptor.get(), path);
  if (!S_ISREG(status.st_mode)) fail("cannot map {}: not a regular file", path.string());
  size_ = static_cast<size_t>(status.st_size);
  if (size_ == 0) return;
  void* address = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor.get(), 0);
  if (address == MAP_FAILED) fail_system("map", path);
  data_ = static_cast<const std::byte*>(address);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::swap(MappedFile& other) noexcept {
  path_.swap(other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
}

void MappedFile::release(size_t begin, size_t end) const {
  static const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  end = std::min(end, size_);
  begin = (begin + page - 1) / page * page;
  if (end < size_) end = end / page * page;
  if (begin < end) ::madvise(const_cast<std::byte*>(data_) + begin, end - begin, MADV_DONTNEED);
}

std::string read_file(const fs::path& path, size_t max_bytes) {
  const Descriptor descriptor(open_for_reading(path));
  const auto expected = static_cast<size_t>(std::max<off_t>(status_of(descriptor.get(), path).st_size, 0));
  if (expected > max_bytes) fail("cannot read {}: {} bytes, more than {}", path.string(), expected, max_bytes);
  std::string content;
  // One byte more than expected, so that the end of the file is seen without another growth.
  size_t room = std::max<size_t>(expected, 4095) + 1;
  for (size_t used = 0;;) {
    content.resize(used + room);
    const ssize_t count = ::read(descriptor.get(), content.data() + used, room);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system("read", path);
    used += static_cast<size_t>(count);
    if (used > max_bytes) fail("cannot read {}: more than {} bytes", path.string(), max_bytes);
    if (count == 0) {
      content.resize(used);
      return content;
    }
    room = std::max(content.size() - used, used / 2 + 4096);
  }
}

AtomicFile::AtomicFile(const fs::path& path) : path_(resolve_target(path)) {
  static std::atomic<unsigned> counter{0};
  remove_left_behind(folder_of(path_));
  do {
    temporary_ = path_;
    temporary_ += fmt::format("{}{}-{}", kTemporary, ::getpid(), counter++);
    fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd_ < 0 && errno == EEXIST);
  if (fd_ < 0) fail_system("write", path_);
  ::flock(fd_, LOCK_EX | LOCK_NB);  // says that it is being written; where there are no locks, nothing
}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  assert(fd_ >= 0);
  size_ += bytes.size();
  if (buffer_.size() + bytes.size() >= kBufferBytes) flush();
  if (bytes.size() >= kBufferBytes) return write_through(bytes);
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void AtomicFile::write_through(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system("write", path_);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
}

void AtomicFile::flush() {
  write_through(std::as_bytes(std::span(buffer_)));
  buffer_.clear();
}

void AtomicFile::commit() {
  assert(fd_ >= 0);
  flush();
  if (::fsync(fd_) != 0) fail_system("write", path_);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_system("write", path_);
  ::close(std::exchange(fd_, -1));
  sync_folder(folder_of(path_));
}

void write_file_atomic(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

std::string absolute_path(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

}  // namespace recur
