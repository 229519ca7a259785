// Pictures in another size.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/data/images/image.h"

namespace recur {

// What a pixel of the result takes of those along one axis, from `first` on; weights have a sum of 1.
struct PixelTaps {
  int64_t first = 0;
  std::vector<float> weights = {};
};
// Linear interpolation, over as many pixels as become one where the result is smaller: of each of the `to`.
std::vector<PixelTaps> pixel_taps(int64_t from, int64_t to);

// So along each axis: a smaller picture has means of pixels, a larger one straight lines between them. Height and width
// are at least 1.
Image resized(const Image& image, int64_t height, int64_t width);

}  // namespace recur
