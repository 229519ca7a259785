// UTF-8 read strictly (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace recur {

constexpr size_t kNoPosition = std::string_view::npos;
constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

struct DecodedCodePoint {
  char32_t value = 0;
  size_t bytes = 0;  // 0: no code point starts here
};

// The code point that starts at text[position], position < text.size().
DecodedCodePoint decode_utf8(std::string_view text, size_t position);

// Whether all bytes are below 0x80.
bool is_ascii(std::string_view text);

// The first byte that does not belong to a well-formed code point, or kNoPosition.
size_t find_invalid_utf8(std::string_view text);

// The same for the beginning of a longer text: a code point cut off by the end is no fault.
size_t find_invalid_utf8_in_prefix(std::string_view text);

// value must satisfy is_code_point.
void append_utf8(std::string& out, char32_t value);

bool is_code_point(char32_t value);  // and not a surrogate

// Adds the text of Latin-1 bytes; 0x80 to 0x9F, which are control characters there, as Windows-1252 has them.
void append_latin1(std::string& out, std::string_view bytes);

// True for the second and later bytes of a code point.
constexpr bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// How many code points a text has that is well formed.
int64_t count_code_points(std::string_view text);

// The small letter of a capital one, in the scripts Latin (first two blocks), Greek and Cyrillic; the rest unchanged.
char32_t lower_case(char32_t value);

}  // namespace recur
