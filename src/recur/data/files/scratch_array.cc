#include "recur/data/files/scratch_array.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "recur/base/error.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

// $TMPDIR or /tmp where none is given.
fs::path scratch_folder(const fs::path& folder) {
  if (!folder.empty()) return folder;
  const char* const set = std::getenv("TMPDIR");
  return set != nullptr && *set != '\0' ? fs::path(set) : fs::path("/tmp");
}

// Without a name. Below 0 when there can be none, with errno set.
int open_scratch(const fs::path& folder) {
  const fs::path in = scratch_folder(folder);
#ifdef O_TMPFILE
  const int file = ::open(in.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
#endif
  // File systems that cannot have files without a name.
  std::string name = (in / "recur-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

ScratchArray::ScratchArray(std::string purpose, const std::filesystem::path& folder)
    : purpose_(std::move(purpose)), folder_(scratch_folder(folder)), file_(open_scratch(folder_)) {
  if (file_ < 0) fail_errno();
}

ScratchArray::~ScratchArray() { ::close(file_); }

void ScratchArray::fail_errno() const {
  fail("{} in a scratch file in {}: {} (TMPDIR names another folder)", purpose_, folder_.string(),
       std::generic_category().message(errno));
}

void ScratchArray::resize(int64_t bytes) {
  if (::ftruncate(file_, static_cast<off_t>(bytes)) != 0) fail_errno();
}

void ScratchArray::write(int64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_errno();
    bytes = bytes.subspan(static_cast<size_t>(count));
    offset += count;
  }
}

void ScratchArray::read(int64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t count = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) errno = EIO;  // it ends too soon
    if (count <= 0) fail_errno();
    out = out.subspan(static_cast<size_t>(count));
    offset += count;
  }
}

}  // namespace recur
