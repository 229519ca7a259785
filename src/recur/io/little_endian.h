// Unsigned integers in files: least significant byte first, whatever the machine's own order and alignment.
#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace recur {

// The integer in the first sizeof(Integer) bytes; there must be that many.
template <std::unsigned_integral Integer>
Integer load_little_endian(std::span<const std::byte> bytes) {
  assert(bytes.size() >= sizeof(Integer));
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) value |= static_cast<Integer>(bytes[i]) << (8 * i);
  return value;
}

// Appends the sizeof(Integer) bytes of `value`.
template <std::unsigned_integral Integer>
void append_little_endian(std::string& out, Integer value) {
  for (std::size_t i = 0; i < sizeof(Integer); ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
}

}  // namespace recur
