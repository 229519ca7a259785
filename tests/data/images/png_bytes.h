// PNG files made by hand, for tests.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/images/line_image.h"

namespace recur::testing {

inline std::string big_endian(uint32_t x) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(x >> shift & 255);
  return out;
}

inline std::string png_chunk(const std::string& kind, const std::string& data) {
  const std::string body = kind + data;
  const uint32_t crc =
      static_cast<uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
  return big_endian(static_cast<uint32_t>(data.size())) + body + big_endian(crc);
}

// A grey picture of 8 bits; `width` and `height` of the header may be others than there are pixels for.
inline std::string png_bytes(const GreyImage& image, uint32_t width = 0, uint32_t height = 0) {
  std::string raw;
  for (int64_t y = 0; y < image.height; ++y) {
    raw += '\0';  // no filter
    for (int64_t x = 0; x < image.width; ++x) {
      raw += static_cast<char>(static_cast<uint8_t>(image.values[y * image.width + x] * 255 + 0.5f));
    }
  }
  std::vector<Bytef> packed(::compressBound(static_cast<uLong>(raw.size())));
  uLongf size = static_cast<uLongf>(packed.size());
  ::compress(packed.data(), &size, reinterpret_cast<const Bytef*>(raw.data()), static_cast<uLong>(raw.size()));
  const std::string header = big_endian(width > 0 ? width : static_cast<uint32_t>(image.width)) +
                             big_endian(height > 0 ? height : static_cast<uint32_t>(image.height)) +
                             std::string("\x08\x00\x00\x00\x00", 5);
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) +
         png_chunk("IDAT", std::string(reinterpret_cast<const char*>(packed.data()), size)) + png_chunk("IEND", "");
}

}  // namespace recur::testing
