// BLEU of captions, against several references each: Papineni, Roukos, Ward and Zhu, "BLEU: a method for automatic
// evaluation of machine translation" (2002), as coco-caption computes it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "recur/tasks/metrics/caption_words.h"

namespace recur {

// Of a corpus: n-grams are clipped to the most that one reference has of them; the length of the closest reference
// counts, of two the shorter one.
class CaptionBleu {
 public:
  static constexpr size_t kOrders = 4;

  // At least one reference.
  void add(const CaptionWords& caption, std::span<const CaptionWords> references);

  // BLEU-1 .. BLEU-4, 0 .. 1.
  std::array<double, kOrders> scores() const;

 private:
  std::array<int64_t, kOrders> correct_{}, guessed_{};
  int64_t words_ = 0, reference_words_ = 0;
};

}  // namespace recur
