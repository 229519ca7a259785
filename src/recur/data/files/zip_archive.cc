#include "recur/data/files/zip_archive.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/stored_bytes.h"
#include "recur/data/files/unpack.h"

namespace recur {
namespace {

// The format: PKWARE's APPNOTE, sections 4.3.7 (local header), 4.3.12 (directory) and 4.3.16 (its end).
constexpr std::string_view kLocal = "PK\3\4", kEntry = "PK\1\2", kEnd = "PK\5\6";
constexpr size_t kLocalBytes = 30, kEntryBytes = 46, kEndBytes = 22;
constexpr uint32_t kIn64 = 0xFFFFFFFF;  // the value stands in an extension for large archives

using Bytes = std::shared_ptr<const internal::StoredBytes>;

// What the directory says of a member.
struct Entry {
  std::string name;
  uint64_t flags = 0, method = 0, packed = 0, size = 0, local = 0;
};

// Some bytes of the archive, in order.
class Section : public ByteStream {
 public:
  Section(Bytes bytes, size_t begin, size_t size) : bytes_(std::move(bytes)), at_(begin), end_(begin + size) {}

  size_t read(std::span<char> out) override {
    const size_t count = std::min(out.size(), end_ - at_);
    bytes_->read(at_, out.first(count));
    at_ += count;
    return count;
  }

 private:
  Bytes bytes_;
  size_t at_, end_;
};

// A stream that must have as many bytes as the directory says.
class Sized : public ByteStream {
 public:
  Sized(std::unique_ptr<ByteStream> stream, uint64_t size, std::string name)
      : stream_(std::move(stream)), left_(size), name_(std::move(name)) {}

  size_t read(std::span<char> out) override {
    const size_t count = stream_->read(out);
    if (count > left_ || (count == 0 && left_ > 0)) fail("{}: its compressed data are damaged", name_);
    left_ -= count;
    return count;
  }

 private:
  std::unique_ptr<ByteStream> stream_;
  uint64_t left_;
  std::string name_;
};

class Archive {
 public:
  Archive(std::string name, Bytes bytes) : name_(std::move(name)), bytes_(std::move(bytes)) {}

  std::vector<Entry> entries() const {
    // A comment of up to 64 kB may stand behind the end of the directory.
    const size_t tail_bytes = std::min(bytes_->size(), kEndBytes + 0xFFFF);
    const std::string tail = part(bytes_->size() - tail_bytes, tail_bytes);
    const size_t end = tail.rfind(kEnd);
    if (end == std::string::npos) fail("{}: this is not a zip archive, or it is cut off", name_);
    const size_t place = bytes_->size() - tail_bytes + end;
    const uint64_t count = number(place + 10, 2);
    size_t at = number(place + 16, 4);
    std::vector<Entry> entries;
    for (uint64_t i = 0; i < count; ++i) {
      if (!part(at, kEntryBytes).starts_with(kEntry)) fail("{}: its zip directory is damaged", name_);
      entries.push_back({.name = part(at + kEntryBytes, number(at + 28, 2)),
                         .flags = number(at + 8, 2),
                         .method = number(at + 10, 2),
                         .packed = number(at + 20, 4),
                         .size = number(at + 24, 4),
                         .local = number(at + 42, 4)});
      at += kEntryBytes + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2);
    }
    return entries;
  }

  size_t size() const { return bytes_->size(); }

  std::unique_ptr<ByteStream> open(const Entry& entry) const {
    const std::string name = name_ + "/" + entry.name;
    if ((entry.flags & 1) != 0) fail("{}: encrypted", name);
    if (entry.packed == kIn64 || entry.size == kIn64 || entry.local == kIn64)
      fail("{}: zip archives of 4 GB and more are not read", name);
    if (!part(entry.local, kLocalBytes).starts_with(kLocal)) fail("{}: its zip header is damaged", name);
    const size_t data = entry.local + kLocalBytes + number(entry.local + 26, 2) + number(entry.local + 28, 2);
    check_part(data, entry.packed);
    auto section = std::make_unique<Section>(bytes_, data, entry.packed);
    if (entry.method == 0) {
      if (entry.packed != entry.size) fail("{}: its zip header is damaged", name);
      return section;
    }
    if (entry.method != 8)
      fail("{}: compressed by method {}; stored and deflated members are read", name, entry.method);
    return std::make_unique<Sized>(internal::inflated(std::move(section), name), entry.size, name);
  }

 private:
  void check_part(size_t begin, size_t length) const {
    if (begin > bytes_->size() || bytes_->size() - begin < length) fail("{}: this zip archive is cut off", name_);
  }

  std::string part(size_t begin, size_t length) const {
    check_part(begin, length);
    std::string out(length, '\0');
    bytes_->read(begin, out);
    return out;
  }

  uint64_t number(size_t begin, size_t length) const {
    const std::string bytes = part(begin, length);
    uint64_t value = 0;
    for (size_t i = 0; i < length; ++i) value |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return value;
  }

  std::string name_;
  Bytes bytes_;
};

Archive open_archive(const DataFile& file, size_t most_in_memory) {
  auto bytes = std::make_shared<const internal::StoredBytes>(*file.open(), most_in_memory,
                                                             file.name() + ": cannot keep the archive");
  return {file.name(), std::move(bytes)};
}

std::string content_of(const Archive& archive, const Entry& entry, const std::string& name) {
  constexpr uint64_t kMostTimes = 200;
  if (entry.size / kMostTimes > archive.size())
    fail("{}: unpacks to {} bytes, too many for its archive", name, entry.size);
  const std::unique_ptr<ByteStream> stream = archive.open(entry);
  std::string out(entry.size, '\0');
  for (size_t at = 0; at < out.size();) {
    const size_t count = stream->read(std::span(out).subspan(at));
    if (count == 0) fail("{}: its data are cut off", name);
    at += count;
  }
  return out;
}

}  // namespace

std::vector<DataFile> zip_members(const DataFile& file, size_t most_in_memory) {
  const Archive archive = open_archive(file, most_in_memory);
  std::vector<DataFile> members;
  for (const Entry& entry : archive.entries()) {
    members.push_back(
        DataFile::from_stream(file.name() + "/" + entry.name, [archive, entry] { return archive.open(entry); }));
  }
  return members;
}

std::vector<ZipMember> raw_zip_members(const DataFile& file, size_t most_in_memory) {
  const Archive archive = open_archive(file, most_in_memory);
  std::set<std::string> names;
  std::vector<ZipMember> members;
  for (const Entry& entry : archive.entries()) {
    const std::string name = file.name() + "/" + entry.name;
    if (!names.insert(entry.name).second) fail("{}: two members of the archive are called so", name);
    members.push_back({.name = entry.name, .size = entry.size, .content = [archive, entry, name] {
                         return content_of(archive, entry, name);
                       }});
  }
  return members;
}

}  // namespace recur
