// Any text is the number that std::from_chars makes of it, or none. Blanks, a leading + and the minus sign U+2212
// aside, which are ours.
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "recur/data/files/plain_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto got = recur::parse_number(text);
  const std::string_view plain = recur::trimmed(text);
  if (plain.size() != text.size() || plain.starts_with('+') || plain.starts_with("\u2212")) return 0;
  double value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error == std::errc::result_out_of_range) return 0;
  const bool number = error == std::errc() && end == plain.data() + plain.size() && std::isfinite(value);
  if (got.has_value() != number) __builtin_trap();
  if (number && (*got != value || std::signbit(*got) != std::signbit(value))) __builtin_trap();
  return 0;
}
