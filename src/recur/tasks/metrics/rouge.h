// ROUGE-L of captions: Lin, "ROUGE: a package for automatic evaluation of summaries" (2004).
#pragma once

#include <span>

#include "recur/tasks/metrics/caption_words.h"

namespace recur {

// 0 .. 1, against at least one reference: F of the longest common subsequence, with beta 1.2, of the best precision and
// the best recall over the references, as coco-caption computes it.
double rouge_l(const CaptionWords& caption, std::span<const CaptionWords> references);

}  // namespace recur
