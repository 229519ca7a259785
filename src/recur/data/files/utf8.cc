#include "recur/data/files/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace recur {
namespace {

// True when the eight bytes at `data` are ASCII.
bool eight_ascii(const char* data) {
  uint64_t word;
  std::memcpy(&word, data, sizeof(word));
  return (word & 0x8080808080808080u) == 0;
}

// How many bytes a code point with this first byte has, 0 for a byte that cannot be first.
size_t length_from_lead(char byte) {
  const auto lead = static_cast<unsigned char>(byte);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF5 ? 4 : 0;
}

}  // namespace

bool is_code_point(char32_t value) { return value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF); }

bool is_ascii(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  // Four words at a time, looked at once.
  constexpr std::ptrdiff_t kWords = 4, kBytes = sizeof(uint64_t);
  for (; end - at >= kWords * kBytes; at += kWords * kBytes) {
    uint64_t words[kWords];
    std::memcpy(words, at, sizeof(words));
    if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) != 0) return false;
  }
  for (; end - at >= kBytes; at += kBytes) {
    if (!eight_ascii(at)) return false;
  }
  unsigned char all = 0;
  for (; at != end; ++at) all |= static_cast<unsigned char>(*at);
  return all < 0x80;
}

DecodedCodePoint decode_utf8(std::string_view text, size_t position) {
  const auto lead = static_cast<unsigned char>(text[position]);
  if (lead < 0x80) return {lead, 1};
  const size_t length = length_from_lead(text[position]);
  if (length == 0 || text.size() - position < length) return {};
  char32_t value = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    const char byte = text[position + i];
    if (!is_continuation(byte)) return {};
    value = value << 6 | (static_cast<unsigned char>(byte) & 0x3Fu);
  }
  constexpr char32_t kSmallest[5] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || !is_code_point(value)) return {};
  return {value, length};
}

size_t find_invalid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    if (text.size() - i >= 8 && eight_ascii(text.data() + i)) {
      i += 8;
      continue;
    }
    const size_t bytes = decode_utf8(text, i).bytes;
    if (bytes == 0) return i;
    i += bytes;
  }
  return kNoPosition;
}

size_t find_invalid_utf8_in_prefix(std::string_view text) {
  const size_t at = find_invalid_utf8(text);
  if (at == kNoPosition || text.size() - at >= length_from_lead(text[at])) return at;
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (!is_continuation(text[i])) return at;
  }
  return kNoPosition;
}

void append_utf8(std::string& out, char32_t value) {
  const auto byte = [&](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  const auto later = [&](int shift) { byte(0x80 | (value >> shift & 0x3F)); };
  if (value < 0x80) {
    byte(value);
  } else if (value < 0x800) {
    byte(0xC0 | value >> 6), later(0);
  } else if (value < 0x10000) {
    byte(0xE0 | value >> 12), later(6), later(0);
  } else {
    byte(0xF0 | value >> 18), later(12), later(6), later(0);
  }
}

void append_latin1(std::string& out, std::string_view bytes) {
  // 0: not a character of Windows-1252 either.
  constexpr char16_t kWindows[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                     0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                     0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                     0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const char32_t windows = byte >= 0x80 && byte < 0xA0 ? kWindows[byte - 0x80] : 0;
    append_utf8(out, windows != 0 ? windows : byte);
  }
}

int64_t count_code_points(std::string_view text) {
  return std::ranges::count_if(text, [](char byte) { return !is_continuation(byte); });
}

char32_t lower_case(char32_t c) {
  const auto within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  if (within('A', 'Z') || (within(0xC0, 0xDE) && c != 0xD7)) return c + 0x20;
  // Latin Extended-A lists pairs of a capital and its small letter, in some runs from an odd number on.
  if ((within(0x100, 0x137) && c != 0x130) || within(0x14A, 0x177)) return c | 1;
  if (within(0x139, 0x148) || within(0x179, 0x17E)) return c + (c & 1);
  if (c == 0x178) return 0xFF;
  if (within(0x391, 0x3A9) && c != 0x3A2) return c + 0x20;
  if (within(0x410, 0x42F)) return c + 0x20;
  if (within(0x400, 0x40F)) return c + 0x50;
  return c;
}

}  // namespace recur
