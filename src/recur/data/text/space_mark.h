#pragma once

#include <string_view>

namespace recur {

// How SentencePiece writes a space inside a subword.
constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581

}  // namespace recur
