#include "recur/base/read_files.h"

#include <sys/stat.h>

#include <mutex>
#include <set>
#include <utility>

namespace recur {
namespace {

struct ReadFiles {
  std::mutex lock;
  std::set<std::pair<dev_t, ino_t>> files;
};

ReadFiles& read_files() {
  static ReadFiles all;
  return all;
}

}  // namespace

void note_read(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return;
  ReadFiles& all = read_files();
  const std::scoped_lock lock(all.lock);
  all.files.emplace(status.st_dev, status.st_ino);
}

bool has_been_read(const std::filesystem::path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return false;
  ReadFiles& all = read_files();
  const std::scoped_lock lock(all.lock);
  return all.files.contains({status.st_dev, status.st_ino});
}

}  // namespace recur
