#include "recur/data/files/npy_element.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>

namespace recur {
namespace {

void append_bytes(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 255);
}

// The greatest double that an integer of so many bits holds.
double greatest_of(int bits) { return std::nextafter(std::ldexp(1.0, bits), 0.0); }

}  // namespace

void append_element(std::string& out, double value, const ArrayElement& element) {
  if (element.kind == 'f') {
    if (element.bytes == 8) return append_bytes(out, std::bit_cast<uint64_t>(value), 8);
    return append_bytes(out, std::bit_cast<uint32_t>(static_cast<float>(value)), 4);
  }
  const double rounded = std::isnan(value) ? 0 : std::nearbyint(value);
  const int bits = 8 * element.bytes;
  if (element.kind == 'b') return append_bytes(out, rounded >= 1 ? 1 : 0, element.bytes);
  if (element.kind == 'u') {
    const double most = bits > 52 ? greatest_of(bits) : std::ldexp(1.0, bits) - 1;
    return append_bytes(out, static_cast<uint64_t>(std::clamp(rounded, 0.0, most)), element.bytes);
  }
  const double most = bits > 52 ? greatest_of(bits - 1) : std::ldexp(1.0, bits - 1) - 1;
  const double least = -std::ldexp(1.0, bits - 1);
  append_bytes(out, static_cast<uint64_t>(static_cast<int64_t>(std::clamp(rounded, least, most))), element.bytes);
}

ArrayElement written_element(ArrayElement element) {
  if (element.kind == 'f' && element.bytes < 4) element.bytes = 4;
  return element;
}

std::string npy_name(const std::string& file) {
  std::filesystem::path name = std::filesystem::path(file).filename();
  while (name.has_extension() && name.extension() != ".npy") name.replace_extension();
  return name.extension() == ".npy" ? name.string() : name.string() + ".npy";
}

}  // namespace recur
