// Base64 (RFC 4648, section 4): bytes as text, where a format has only text.
#pragma once

#include <string>
#include <string_view>

namespace recur {

std::string base64_encode(std::string_view bytes);
std::string base64_decode(std::string_view text);  // throws Error when it is not base64 with its padding

}  // namespace recur
