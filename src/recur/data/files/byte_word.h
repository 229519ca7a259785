// Eight bytes of a text looked at together. For sources alone.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace recur::internal {

constexpr uint64_t kOnes = 0x0101010101010101, kHighBits = kOnes * 0x80;

// The bytes from[0], from[1], ..., the first in the lowest place.
inline uint64_t load_8(const char* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return std::endian::native == std::endian::big ? __builtin_bswap64(word) : word;
}
inline uint64_t load_4(const char* from) {
  uint32_t word;
  std::memcpy(&word, from, sizeof(word));
  return std::endian::native == std::endian::big ? __builtin_bswap32(word) : word;
}

// The high bit of every byte of the word that is `byte`.
constexpr uint64_t places_of(char byte, uint64_t word) {
  constexpr uint64_t kLowBits = ~kHighBits;
  word ^= kOnes * static_cast<unsigned char>(byte);
  return ~(((word & kLowBits) + kLowBits) | word | kLowBits);
}

// The place, 0 to 7, of the first byte that is marked so.
constexpr size_t first_place(uint64_t places) { return static_cast<size_t>(std::countr_zero(places)) / 8; }

}  // namespace recur::internal
