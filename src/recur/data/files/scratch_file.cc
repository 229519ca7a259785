#include "recur/data/files/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/scratch_array.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 1 << 20;

}  // namespace

fs::path internal::scratch_folder(const fs::path& folder) {
  if (!folder.empty()) return folder;
  const char* const set = std::getenv("TMPDIR");
  return set != nullptr && *set != '\0' ? fs::path(set) : fs::path("/tmp");
}

int internal::open_scratch(const fs::path& folder) {
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

ScratchFile::ScratchFile(std::string purpose, fs::path folder)
    : purpose_(std::move(purpose)), folder_(internal::scratch_folder(folder)) {
  file_ = internal::open_scratch(folder_);
  if (file_ < 0) fail_errno();
}

ScratchFile::~ScratchFile() { ::close(file_); }

void ScratchFile::fail_errno() const {
  fail("{} in a scratch file in {}: {} (TMPDIR names another folder)", purpose_, folder_.string(),
       std::generic_category().message(errno));
}

void ScratchFile::append(std::span<const std::byte> bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() > kBufferBytes) return write(bytes);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void ScratchFile::flush() {
  write(buffer_);
  buffer_.clear();
}

void ScratchFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_errno();
    bytes = bytes.subspan(static_cast<size_t>(count));
    written_ += count;
  }
}

void ScratchFile::read(int64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t count = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) errno = EIO;  // it ends too soon
    if (count <= 0) fail_errno();
    out = out.subspan(static_cast<size_t>(count));
    offset += count;
  }
}

int64_t usual_memory_bytes() {
  constexpr int64_t kUsual = int64_t{256} << 20;
  const char* const set = std::getenv("RECUR_DATA_MEMORY");
  if (set == nullptr || *set == '\0') return kUsual;
  const std::string_view text(set);
  int64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc() || end != text.data() + text.size() || bytes < 1) {
    fail_usage("RECUR_DATA_MEMORY: expected a number of bytes, got '{}'", text);
  }
  return bytes;
}

}  // namespace recur
