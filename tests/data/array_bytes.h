// Bytes of NumPy and IDX files for tests.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/data/zip_of.h"

namespace recur {

inline std::string npy_of(const std::string& descr, const std::string& shape, const std::string& data,
                          bool column_major = false) {
  const std::string header = "{'descr': '" + descr + "', 'fortran_order': " + (column_major ? "True" : "False") +
                             ", 'shape': " + shape + ", }\n";
  return "\x93NUMPY\x01" + std::string(1, '\0') + little(header.size(), 2) + header + data;
}

inline std::string f32_bytes(const std::vector<float>& values) {
  std::string out;
  for (const float value : values) out += little(std::bit_cast<uint32_t>(value), 4);
  return out;
}

inline std::string f64_bytes(const std::vector<double>& values) {
  std::string out;
  for (const double value : values) out += little(std::bit_cast<uint64_t>(value), 8);
  return out;
}

inline std::string idx_of(char type, const std::vector<uint32_t>& shape, const std::string& data) {
  std::string out{'\0', '\0', type, static_cast<char>(shape.size())};
  for (const uint32_t size : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
  }
  return out + data;
}

}  // namespace recur
