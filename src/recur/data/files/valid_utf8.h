// Bytes that are to be read as a text, whatever they are.
#pragma once

#include <string>
#include <string_view>

#include "recur/data/files/utf8.h"

namespace recur {

// The same text where it is UTF-8; each byte that is not part of a code point becomes U+FFFD.
inline std::string valid_utf8(std::string_view text) {
  std::string out;
  for (size_t bad = find_invalid_utf8(text); bad != kNoPosition; bad = find_invalid_utf8(text)) {
    out += text.substr(0, bad);
    out += kReplacementCharacter;
    text.remove_prefix(bad + 1);
  }
  return out += text;
}

}  // namespace recur
