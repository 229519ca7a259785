// Any text is the configuration of a Keras model, or an Error: never a crash, an overrun or a hang.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/exchange/keras/keras_config.h"

namespace {

// What the reader of a layer asks for, of every type.
void ask(const recur::keras::ConfiguredLayer& layer) {
  recur::keras::text_of(layer, "activation", "linear");
  recur::keras::flag_of(layer, "use_bias", true);
  recur::keras::real_of(layer, "epsilon", 0.001);
  recur::keras::integer_of(layer, "units", 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kDeepest = 12;
  const auto json = recur::parse_json({reinterpret_cast<const char*>(data), size}, kDeepest);
  if (!json) return 0;
  try {
    for (const auto& layer : recur::keras::layers_of("input", *json)) {
      ask(layer);
      ask(recur::keras::inner_of(layer));
    }
  } catch (const recur::Error&) {
  }
  return 0;
}
