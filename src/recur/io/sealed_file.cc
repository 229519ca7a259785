#include "recur/io/sealed_file.h"

#include <utility>

#include "recur/base/error.h"
#include "recur/io/crc32c.h"
#include "recur/io/little_endian.h"
#include "recur/io/safetensors_header.h"

namespace recur {
namespace {

using Metadata = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kVersion = "1";
constexpr const char* kKindKey = "recur.kind";
constexpr const char* kVersionKey = "recur.version";
constexpr const char* kChecksumKey = "recur.checksum";

// The length goes before the text, so that no two contents give the same bytes.
void append_text(std::string& out, std::string_view text) {
  append_little_endian(out, std::uint64_t{text.size()});
  out += text;
}

// Of the content and not of the file's bytes, as the checksum itself stands among these.
std::string checksum(const Metadata& metadata, std::span<const TensorView> tensors) {
  std::uint32_t crc = 0;
  for (const auto& [key, text] : metadata) {
    if (key == kChecksumKey) continue;
    std::string head;
    append_text(head, key);
    append_text(head, text);
    crc = crc32c(head, crc);
  }
  for (const TensorView& tensor : tensors) {
    std::string head;
    append_text(head, tensor.name);
    append_text(head, tensor.dtype);
    append_little_endian(head, std::uint64_t{tensor.shape.size()});
    for (const std::int64_t size : tensor.shape) append_little_endian(head, static_cast<std::uint64_t>(size));
    crc = crc32c(tensor.data, crc32c(head, crc));
  }
  return fmt::format("crc32c:{:08x}", crc);
}

// A file of another origin has no such entry, which gives "".
std::string entry(const SafetensorsFile& file, const char* key) {
  const auto found = file.metadata().find(std::string_view(key));
  return found == file.metadata().end() ? "" : found->second;
}

}  // namespace

void write_sealed(const std::filesystem::path& path, std::string_view kind, std::span<const TensorView> tensors,
                  Metadata metadata) {
  metadata.insert_or_assign(kKindKey, std::string(kind));
  metadata.insert_or_assign(kVersionKey, std::string(kVersion));
  metadata.insert_or_assign(kChecksumKey, checksum(metadata, tensors));
  write_safetensors(path, tensors, metadata);
}

SafetensorsFile open_sealed(const std::filesystem::path& path, std::string_view kind) {
  SafetensorsFile file = SafetensorsFile::open(path);
  check_seal(file, kind);
  return file;
}

void check_seal(const SafetensorsFile& file, std::string_view kind) {
  using internal::printable;
  if (const std::string got = entry(file, kKindKey); got != kind) {
    const std::string what = got.empty() ? "another origin" : fmt::format("kind \"{}\"", printable(got));
    fail("{}: expected a {} of Recur, got a safetensors file of {}", file.name(), kind, what);
  }
  if (const std::string got = entry(file, kVersionKey); got != kVersion) {
    fail("{}: expected version {} of the {} layout, got \"{}\"", file.name(), kVersion, kind, printable(got));
  }
  const std::string expected = entry(file, kChecksumKey);
  const std::string got = checksum(file.metadata(), file.tensors());
  if (got != expected) {
    fail("{}: the file is damaged: expected checksum {}, got {}", file.name(), printable(expected), got);
  }
}

}  // namespace recur
