// Pictures of digits to move about: those of a file, or drawn ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "recur/base/random.h"

namespace examples {

struct Glyphs {
  int64_t height = 0, width = 0;
  std::vector<uint8_t> values;  // [count, height, width], 0 black .. 255 white

  int64_t count() const { return static_cast<int64_t>(values.size()) / (height * width); }
  const uint8_t* of(int64_t i) const { return values.data() + i * height * width; }
};

// Of an IDX file of bytes [N, height, width], as MNIST's are; it may be compressed. Throws Error for another kind of
// array, no picture at all, and sides above `most_side`.
Glyphs read_glyphs(const std::filesystem::path& path, int64_t most_side);

// Digits 0, 1, .. 9, 0, .. of 28 x 28 pixels, as displays of seven segments show them, each with a slant, a size and a
// thickness of its own.
Glyphs draw_glyphs(int64_t count, recur::Random& random);

// The last `count` of the glyphs, which are taken away from them. REQUIRES: as many.
Glyphs split_off(Glyphs& glyphs, int64_t count);

}  // namespace examples
