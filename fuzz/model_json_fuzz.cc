// Any text is a model in RTNeural's JSON, tensors in JSON, or an Error: never a crash, an overrun or a hang.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/exchange/rtneural/rtneural_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = recur::parse_json({reinterpret_cast<const char*>(data), size}, 12);
  if (!json) return 0;
  try {
    recur::rtneural::read_model("input", *json);
  } catch (const recur::Error&) {
  }
  try {
    recur::rtneural::read_tensors("input", *json);
  } catch (const recur::Error&) {
  }
  return 0;
}
