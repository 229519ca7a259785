// Sounds that a small network learns: a tone a letter, with a little silence between.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recur/base/random.h"
#include "tests/data/audio/wave_bytes.h"
#include "tests/support/scratch.h"

namespace recur::testing {

// 'a' .. 'e' are tones of their own and a space is a low one, in faint noise; 8000 samples a second.
inline std::vector<float> tones(std::string_view text, Random& random, int rate = 8000) {
  std::vector<float> out;
  const auto add = [&](double hz, double seconds) {
    const auto part = sine(hz, rate, static_cast<int>(seconds * rate), 0.3);
    out.insert(out.end(), part.begin(), part.end());
  };
  add(0, 0.03);
  for (const char c : text) {
    add(c == ' ' ? 250 : 600 + 500 * (c - 'a'), 0.05 + 0.03 * static_cast<double>(random.uniform()));
    add(0, 0.03);
  }
  for (float& x : out) x += 0.01f * random.normal();
  return out;
}

// Writes `count` sounds, named after `name`, and gives the lines of their list: path, text, speaker. `folder` stands
// before the paths.
inline std::string tone_list(const Scratch& scratch, const std::string& name, int count, uint64_t seed,
                             size_t longest = 5, const std::string& folder = "") {
  Random random(seed);
  std::string list = "path\ttext\tspeaker\n";
  for (int i = 0; i < count; ++i) {
    std::string text;
    for (size_t n = 1 + random.below(longest); n > 0; --n) {
      const bool space = random.below(4) == 0 && !text.empty() && text.back() != ' ' && n > 1;
      text += space ? ' ' : static_cast<char>('a' + random.below(5));
    }
    const std::string path = name + "/" + std::to_string(i) + ".wav";
    scratch.put(path, wave_bytes(tones(text, random), {.rate = 8000}));
    list += folder + path + "\t" + text + "\ts" + std::to_string(i % 4) + "\n";
  }
  return list;
}

// A list of few short sounds, which are there as long as the process.
inline std::string tiny_tones(uint64_t seed) {
  static const Scratch sounds;
  return tone_list(sounds, std::to_string(seed), 11, seed, 3, sounds.folder().string() + "/");
}

}  // namespace recur::testing
