#include "recur/data/files/byte_limits.h"

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "recur/base/error.h"

namespace recur {
namespace {

int64_t bytes_by_environment(const char* name) {
  constexpr int64_t kUsual = int64_t{256} << 20;
  const char* const set = std::getenv(name);
  if (set == nullptr || *set == '\0') return kUsual;
  const std::string_view text(set);
  int64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc() || end != text.data() + text.size() || bytes < 1) {
    fail_usage("{}: expected a number of bytes, got '{}'", name, text);
  }
  return bytes;
}

}  // namespace

int64_t usual_memory_bytes() { return bytes_by_environment("RECUR_DATA_MEMORY"); }

int64_t unpacked_bytes_allowed() { return bytes_by_environment("RECUR_UNPACKED_BYTES"); }

}  // namespace recur
