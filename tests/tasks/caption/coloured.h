// Pictures of one colour, of 4 x 4 pixels, with two captions that name it.
#pragma once

#include <fmt/format.h>

#include <string>

#include "recur/base/random.h"
#include "tests/support/scratch.h"

namespace recur::testing {

// Writes `count` pictures, named after `name`, and gives the lines of their list. `folder` stands before the paths.
inline std::string coloured_list(const Scratch& scratch, const std::string& name, int count, uint64_t seed,
                                 const std::string& folder = "") {
  Random random(seed);
  std::string list = "image,caption\n";
  for (int i = 0; i < count; ++i) {
    const uint64_t colour = random.below(3);
    std::string values;
    for (int p = 0; p < 16; ++p) {
      for (uint64_t c = 0; c < 3; ++c) values += c == colour ? " 255" : " 0";
    }
    const std::string file = fmt::format("{}{}.ppm", name, i);
    const char* const names[] = {"red", "green", "blue"};
    scratch.put(file, "P3 4 4 255" + values + "\n");
    list += fmt::format("{0}{1},A {2} field .\n{0}{1},a field of {2} grass\n", folder, file, names[colour]);
  }
  return list;
}

// A list whose pictures lie in a folder of their own.
inline std::string tiny_captions(uint64_t seed) {
  static const Scratch scratch;
  return coloured_list(scratch, std::to_string(seed) + "-", 12, seed, scratch.folder().string() + "/");
}

}  // namespace recur::testing
