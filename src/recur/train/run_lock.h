// A run's folder belongs to one process at a time.
#pragma once

#include <filesystem>

namespace recur {

// The file run.lock in the folder, held by flock(2), says which process has it and since when. It is gone when the lock
// is given back; that of a process that was killed stays, but locks nothing.
class RunLock {
 public:
  static constexpr const char* kName = "run.lock";

  // Takes the lock of a folder that exists. Throws Error, naming the process and the time, when another one has it.
  // Where the file system has no locks, nothing is locked.
  explicit RunLock(const std::filesystem::path& folder);
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;
  ~RunLock();

  // Throws what the constructor would throw, without taking the lock.
  static void check_free(const std::filesystem::path& folder);

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

}  // namespace recur
