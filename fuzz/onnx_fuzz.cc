// Any bytes give an ONNX model, which is then written and read to the same bytes, or an Error: never a crash, an
// overrun or a hang.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "recur/base/error.h"
#include "recur/exchange/onnx/model_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace recur::onnx;
  try {
    const ModelProto model = read_model(std::as_bytes(std::span(data, size)), "input");
    const std::string bytes = write_model(model);
    const ModelProto again = read_model(std::as_bytes(std::span(bytes)), "input");
    if (write_model(again) != bytes) __builtin_trap();
  } catch (const recur::Error&) {
  }
  return 0;
}
