// Any bytes, read as handwriting, are moves of a text that are finite, or an Error. The first byte says whether they
// are points.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/strokes/coordinates.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::vector<recur::DataFile> files{
      recur::DataFile::from_memory("input.jsonl", std::string(reinterpret_cast<const char*>(data) + 1, size - 1))};
  try {
    const auto kind = (data[0] & 1) != 0 ? recur::Coordinates::kPoints : recur::Coordinates::kMoves;
    for (const recur::Writing& each : recur::moves_of(recur::read_writings(files), kind)) {
      if (each.text.empty() || each.moves.size() < 2) __builtin_trap();
      for (const recur::PenMove& move : each.moves) {
        if (!std::isfinite(move.x) || !std::isfinite(move.y)) __builtin_trap();
      }
    }
  } catch (const recur::Error&) {
  }
  return 0;
}
