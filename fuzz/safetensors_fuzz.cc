// Any bytes are a safetensors file with every view inside them, or an Error: never a crash, an overrun or a hang.
#include <cstddef>
#include <cstdint>
#include <span>

#include "recur/base/error.h"
#include "recur/io/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  try {
    const recur::SafetensorsFile file = recur::SafetensorsFile::parse(bytes, "input");
    std::size_t total = 0;
    for (const recur::TensorView& tensor : file.tensors()) {
      if (!tensor.data.empty() && (tensor.data.data() < bytes.data() ||
                                   tensor.data.data() + tensor.data.size() > bytes.data() + bytes.size())) {
        __builtin_trap();
      }
      if (file.find(tensor.name) != &tensor) __builtin_trap();
      total += tensor.data.size();
    }
    if (total > size) __builtin_trap();
  } catch (const recur::Error&) {
  }
  return 0;
}
