// Any text is a scaler or columns that write themselves back to the same, or an Error.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/scaler.h"
#include "recur/data/tables/columns.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const recur::Scaler scaler = recur::Scaler::from_text(text, 2);
    for (const recur::Affine& map : scaler.maps({}, 2)) {
      if (!(map.scale > 0) || !std::isfinite(map.shift)) __builtin_trap();
    }
    if (recur::Scaler::from_text(scaler.to_text(), 2).maps({}, 2) != scaler.maps({}, 2)) __builtin_trap();
  } catch (const recur::Error&) {
  }
  try {
    const recur::Columns columns = recur::Columns::from_text(text);
    if (recur::Columns::from_text(columns.to_text()) != columns) __builtin_trap();
  } catch (const recur::Error&) {
  }
  return 0;
}
