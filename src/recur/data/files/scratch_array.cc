#include "recur/data/files/scratch_array.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "recur/base/error.h"

namespace recur {

ScratchArray::ScratchArray(std::string purpose, std::filesystem::path folder)
    : purpose_(std::move(purpose)), folder_(internal::scratch_folder(folder)), file_(internal::open_scratch(folder_)) {
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
