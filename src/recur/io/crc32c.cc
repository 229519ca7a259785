#include "recur/io/crc32c.h"

#include <array>

#include "recur/io/little_endian.h"

namespace recur {
namespace {

constexpr std::uint32_t kReflectedPolynomial = 0x82F63B78;
constexpr std::size_t kSlices = 8;
using Table = std::array<std::uint32_t, 256>;

// tables[0] advances the checksum by one byte; tables[k] by a byte followed by k zero bytes, so that eight bytes are
// eight independent look-ups ("slicing by 8"), about six times as fast as byte after byte.
constexpr std::array<Table, kSlices> make_tables() {
  std::array<Table, kSlices> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? kReflectedPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < kSlices; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8) ^ tables[0][crc & 0xFF];
    }
  }
  return tables;
}

constexpr std::array<Table, kSlices> kTables = make_tables();

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc) {
  crc = ~crc;
  while (bytes.size() >= kSlices) {
    const std::uint64_t word = load_little_endian<std::uint64_t>(bytes) ^ crc;
    crc = 0;
    for (std::size_t k = 0; k < kSlices; ++k) crc ^= kTables[kSlices - 1 - k][(word >> (8 * k)) & 0xFF];
    bytes = bytes.subspan(kSlices);
  }
  for (const std::byte byte : bytes) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<std::uint32_t>(byte)) & 0xFF];
  return ~crc;
}

std::uint32_t crc32c(std::string_view text, std::uint32_t crc) {
  return crc32c(std::as_bytes(std::span(text.data(), text.size())), crc);
}

}  // namespace recur
