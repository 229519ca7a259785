#include "recur/data/files/scratch_file.h"

#include <utility>

namespace recur {
namespace {

constexpr size_t kBufferBytes = 1 << 20;

}  // namespace

ScratchFile::ScratchFile(std::string purpose, const std::filesystem::path& folder)
    : file_(std::move(purpose), folder) {}

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
  file_.write(written_, bytes);
  written_ += std::ssize(bytes);
}

void ScratchFile::read(int64_t offset, std::span<std::byte> out) const { file_.read(offset, out); }

}  // namespace recur
