// Where each word of a caption looks, as a picture.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "recur/data/images/image.h"

namespace recur {

struct CaptionPanel {
  Image picture;                            // none where there are features: height 0
  std::vector<std::string> words;           // the end is shown as one more
  std::vector<std::vector<float>> weights;  // [words][rows columns], of sum 1
  int64_t rows = 1, columns = 1;            // of regions
};

// The panels, one below the other, as the text of an SVG file: the picture once for each word, lit where the word
// looks. Where a region has its share of the weight or less, it is darkest.
std::string caption_chart_svg(std::span<const CaptionPanel> panels);

}  // namespace recur
