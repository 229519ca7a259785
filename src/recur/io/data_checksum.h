// The checksum of what a run learns from: values and labels in their order. A resumed run compares it with that of its
// checkpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace recur {

class DataChecksum {
 public:
  // Each with its length, so that no two sequences of calls add the same bytes.
  void add(std::string_view text);
  template <class T>
  void add(std::span<const T> values) {
    static_assert(std::is_arithmetic_v<T>);
    add_bytes(std::as_bytes(values));
  }
  template <class T>
  void add(const std::vector<T>& values) {
    add(std::span<const T>(values));
  }

  std::string text() const;  // "crc32c:89abcdef"

 private:
  void add_bytes(std::span<const std::byte> bytes);

  std::uint32_t crc_ = 0;
};

}  // namespace recur
