#include "recur/tasks/baselines/packed.h"

#include "recur/base/base64.h"
#include "recur/base/error.h"

namespace recur {

std::string pack(std::span<const uint64_t> numbers) {
  std::string bytes;
  for (uint64_t number : numbers) {
    for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(0x80 | (number & 0x7f));
    bytes += static_cast<char>(number);
  }
  return base64_encode(bytes);
}

std::vector<uint64_t> unpack(std::string_view text) {
  std::vector<uint64_t> numbers;
  uint64_t number = 0;
  int shift = 0;
  for (const char c : base64_decode(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (shift > 63 || (shift == 63 && (byte & 0x7e) != 0)) fail("a packed number has more than 64 bits");
    number |= static_cast<uint64_t>(byte & 0x7f) << shift;
    shift += 7;
    if (byte >= 0x80) continue;
    numbers.push_back(number);
    number = 0;
    shift = 0;
  }
  if (shift > 0) fail("the last packed number is truncated");
  return numbers;
}

}  // namespace recur
