// Options of text generation.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "recur/base/config_field.h"
#include "recur/decode/sampling.h"

namespace recur {

struct GenerateOptions {
  std::string prompt = {};  // the text to continue; not part of the output
  int64_t length = 500;     // symbols to generate
  uint64_t seed = 1;
  SamplingOptions sampling = {};

  template <class Visitor>
  void visit(Visitor& v) {
    v("prompt", prompt, "Text to continue");
    v("length", length, "Number of symbols to generate", Range{0, 1e12});
    v("temperature", sampling.temperature,
      "Sampling temperature: below 1 safer, above 1 more varied, 0 always the most probable symbol", Range{0, 1e6});
    v("top_k", sampling.top_k, "Sample from the K most probable symbols only; 0: from all",
      Range{0, std::numeric_limits<int32_t>::max()});
    v("top_p", sampling.top_p, "Nucleus sampling: sample from the fewest symbols whose probabilities add up to this",
      Range{.min = 0, .max = 1, .open_min = true});
    v("seed", seed, "Random seed");
  }
};

}  // namespace recur
