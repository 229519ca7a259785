// CIDEr-D of captions: Vedantam, Zitnick and Parikh, "CIDEr: consensus-based image description evaluation" (2015).
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "recur/tasks/metrics/caption_words.h"

namespace recur {

// n-grams of 1 .. 4 words, weighted by how few images have them in a reference; sigma 6. As coco-caption computes it.
class Cider {
 public:
  // The references of each image, from which the frequencies are counted.
  explicit Cider(std::span<const std::vector<CaptionWords>> references);

  // Of a caption of image i, 0 .. 10. The score of a corpus is the mean.
  double score(const CaptionWords& caption, size_t i) const;

 private:
  static constexpr size_t kOrders = 4;
  struct Weights {
    std::array<std::map<std::string, double>, kOrders> ngrams;
    std::array<double, kOrders> norm{};
    double length = 0;  // in pairs of words
  };
  Weights weigh(const CaptionWords& words) const;
  static double similarity(const Weights& caption, const Weights& reference);

  double log_images_ = 0;
  std::map<std::string, int> frequency_;  // images with the n-gram
  std::vector<std::vector<Weights>> references_;
};

}  // namespace recur
