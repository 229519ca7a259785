// METEOR of captions, of equal words alone: Banerjee and Lavie, "METEOR: an automatic metric for MT evaluation with
// improved correlation with human judgments" (2005). No stems, synonyms or paraphrases: figures with these are higher.
#pragma once

#include <cstdint>
#include <span>

#include "recur/tasks/metrics/caption_words.h"

namespace recur {

// Of a corpus: matches, words and chunks are summed over the captions, each against the reference that it scores best
// with, as METEOR 1.5 does ("-m exact -p '0.9 3 0.5 0.5' -w 1").
class MeteorExact {
 public:
  // Gives the score of the caption, 0 .. 1. At least one reference.
  double add(const CaptionWords& caption, std::span<const CaptionWords> references);

  // (1 - 0.5 (chunks / matches)^3) P R / (0.9 P + 0.1 R), with P and R the shares of the words that match.
  double score() const { return sums_.score(); }

 private:
  struct Counts {
    int64_t words = 0, reference_words = 0, matches = 0, chunks = 0;
    double score() const;
  };
  static Counts align(const CaptionWords& caption, const CaptionWords& reference);

  Counts sums_;
};

}  // namespace recur
