#include "recur/train/run_lock.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <string>
#include <system_error>

#include "recur/base/error.h"
#include "recur/base/file.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

// Of the process that has it: a line of its own in the file.
std::string holder_text() {
  return fmt::format("process {} since {:%Y-%m-%d %H:%M:%S} UTC\n", ::getpid(), fmt::gmtime(std::time(nullptr)));
}

[[noreturn]] void fail_taken(const fs::path& file) {
  constexpr size_t kMostBytes = 1 << 10;
  std::string holder;
  try {
    holder = read_file(file, kMostBytes);
  } catch (const Error&) {  // it has just been given back, or is not ours to read
  }
  holder.resize(std::min(holder.find('\n'), holder.size()));
  fail("{}: the run is in use by {}; wait until it ends, or stop it", file.parent_path().string(),
       holder.empty() ? "another process" : holder);
}

// Whether the lock was to be had.
bool try_lock(int fd) { return ::flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

// The one before us may have removed the file between open() and flock(); then it locks nothing.
bool is_still_there(int fd, const fs::path& file) {
  struct stat ours {
  }, named{};
  return ::fstat(fd, &ours) == 0 && ::stat(file.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
         ours.st_dev == named.st_dev;
}

}  // namespace

RunLock::RunLock(const fs::path& folder) : path_(folder / kName) {
  for (;;) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd_ < 0) fail("cannot write {}: {}", path_.string(), std::generic_category().message(errno));
    if (!try_lock(fd_)) {
      ::close(fd_);
      fail_taken(path_);
    }
    if (is_still_there(fd_, path_)) break;
    ::close(fd_);
  }
  const std::string text = holder_text();
  if (::ftruncate(fd_, 0) != 0 || ::write(fd_, text.data(), text.size()) < 0) {
    const int error = errno;
    ::close(fd_);
    fail("cannot write {}: {}", path_.string(), std::generic_category().message(error));
  }
}

RunLock::~RunLock() {
  ::unlink(path_.c_str());  // before the lock is given back, so that nobody's file is removed
  ::close(fd_);
}

void RunLock::check_free(const fs::path& folder) {
  const fs::path file = folder / kName;
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const bool free = try_lock(fd);
  ::close(fd);
  if (!free) fail_taken(file);
}

}  // namespace recur
