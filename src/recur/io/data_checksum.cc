#include "recur/io/data_checksum.h"

#include <fmt/format.h>

#include "recur/io/crc32c.h"
#include "recur/io/little_endian.h"

namespace recur {

void DataChecksum::add_bytes(std::span<const std::byte> bytes) {
  std::string length;
  append_little_endian(length, std::uint64_t{bytes.size()});
  crc_ = crc32c(bytes, crc32c(length, crc_));
}

void DataChecksum::add(std::string_view text) { add_bytes(std::as_bytes(std::span(text.data(), text.size()))); }

std::string DataChecksum::text() const { return fmt::format("crc32c:{:08x}", crc_); }

}  // namespace recur
