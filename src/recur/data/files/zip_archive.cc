#include "recur/data/files/zip_archive.h"

#include <cstdint>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/files/unpack.h"

namespace recur {
namespace {

// The format: PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (directory) and 4.3.16 (its end).
constexpr std::string_view kLocal = "PK\3\4", kEntry = "PK\1\2", kEnd = "PK\5\6";
constexpr size_t kLocalBytes = 30, kEntryBytes = 46;
constexpr uint32_t kIn64 = 0xFFFFFFFF;  // the value stands in an extension for large archives

class Archive {
 public:
  Archive(std::string name, std::string_view bytes) : name_(std::move(name)), bytes_(bytes) {}

  std::vector<ZipMember> members(size_t max_bytes) const {
    const size_t end = bytes_.rfind(kEnd);
    if (end == std::string_view::npos) fail("{}: this is no zip archive, or it is cut off", name_);
    const uint64_t count = number(end + 10, 2);
    size_t at = number(end + 16, 4);
    std::vector<ZipMember> members;
    size_t left = max_bytes;
    for (uint64_t i = 0; i < count; ++i) {
      if (part(at, kEntryBytes).substr(0, kEntry.size()) != kEntry) fail("{}: its zip directory is damaged", name_);
      members.push_back(member(at, left));
      left -= members.back().content.size();
      at += kEntryBytes + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2);
    }
    return members;
  }

 private:
  ZipMember member(size_t entry, size_t most) const {
    const uint64_t flags = number(entry + 8, 2), method = number(entry + 10, 2);
    const uint64_t packed = number(entry + 20, 4), size = number(entry + 24, 4), local = number(entry + 42, 4);
    ZipMember member{std::string(part(entry + kEntryBytes, number(entry + 28, 2))), {}};
    const std::string name = name_ + "/" + member.name;
    if ((flags & 1) != 0) fail("{}: encrypted", name);
    if (packed == kIn64 || size == kIn64 || local == kIn64)
      fail("{}: zip archives of 4 GB and more are not read", name);
    if (size > most) fail("{}: {} bytes unpacked are too many", name, size);
    if (part(local, kLocalBytes).substr(0, kLocal.size()) != kLocal) fail("{}: its zip header is damaged", name);
    const size_t data = local + kLocalBytes + number(local + 26, 2) + number(local + 28, 2);
    if (method == 0) {
      if (packed != size) fail("{}: its zip header is damaged", name);
      member.content = part(data, size);
    } else if (method == 8) {
      member.content = internal::inflate_raw(part(data, packed), size, name);
    } else {
      fail("{}: compressed by method {}; stored and deflated members are read", name, method);
    }
    return member;
  }

  std::string_view part(size_t begin, size_t length) const {
    if (begin > bytes_.size() || bytes_.size() - begin < length) fail("{}: this zip archive is cut off", name_);
    return bytes_.substr(begin, length);
  }

  uint64_t number(size_t begin, size_t length) const {
    const std::string_view bytes = part(begin, length);
    uint64_t value = 0;
    for (size_t i = 0; i < length; ++i) value |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return value;
  }

  std::string name_;
  std::string_view bytes_;
};

}  // namespace

std::vector<ZipMember> read_zip(const DataFile& file, size_t max_bytes) {
  const std::string bytes = file.content(max_bytes);
  return Archive(file.name(), bytes).members(max_bytes);
}

}  // namespace recur
