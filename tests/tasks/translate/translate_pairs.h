// Pairs that a small network learns: strings of letters and what they are backwards.
#pragma once

#include <algorithm>
#include <string>

#include "recur/base/random.h"

namespace recur::testing {

inline std::string reversals(int pairs, uint64_t seed, size_t longest = 6) {
  Random random(seed);
  std::string out;
  for (int i = 0; i < pairs; ++i) {
    std::string word;
    for (size_t n = 1 + random.below(longest); n > 0; --n) word += static_cast<char>('a' + random.below(5));
    out += word + "\t" + std::string(word.rbegin(), word.rend()) + "\n";
  }
  return out;
}

}  // namespace recur::testing
