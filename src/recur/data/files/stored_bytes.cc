#include "recur/data/files/stored_bytes.h"

#include <cassert>
#include <cstring>
#include <utility>
#include <vector>

namespace recur::internal {

StoredBytes::StoredBytes(ByteStream& stream, size_t most_in_memory, const std::string& purpose) {
  std::vector<char> piece(1 << 16);
  for (size_t count = 0; (count = stream.read(piece)) > 0; size_ += count) {
    const auto some = std::span(piece).first(count);
    if (!file_ && size_ + count > most_in_memory) {
      file_.emplace(purpose);
      file_->append(std::as_bytes(std::span(memory_)));
      memory_ = std::string();
    }
    if (file_) {
      file_->append(std::as_bytes(some));
    } else {
      memory_.append(some.data(), some.size());
    }
  }
  if (file_) file_->flush();
}

void StoredBytes::read(size_t begin, std::span<char> out) const {
  assert(begin <= size_ && out.size() <= size_ - begin);
  if (file_) return file_->read(static_cast<int64_t>(begin), std::as_writable_bytes(out));
  if (!out.empty()) std::memcpy(out.data(), memory_.data() + begin, out.size());
}

}  // namespace recur::internal
