// Any bytes behind the first ones of gzip, xz or zstd unpack or are an Error, in bounded memory.
#include <cstddef>
#include <cstdint>
#include <string>

#include "recur/base/error.h"
#include "recur/data/files/data_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 1 << 22;
  try {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    if (recur::DataFile::from_memory("input", bytes).content(kMost).size() > kMost) __builtin_trap();
  } catch (const recur::Error&) {
  }
  return 0;
}
