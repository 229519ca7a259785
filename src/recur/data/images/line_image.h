// Pictures of lines of writing or print, as rows that a network reads from left to right.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/files/frame_rows.h"
#include "recur/data/images/image.h"

namespace recur {

struct GreyImage {
  int64_t width = 0, height = 0;
  std::vector<float> values;  // [height, width], 0 black .. 1 white
};

// A picture of any format as grey; throws as read_image().
GreyImage read_grey(const DataFile& file, int64_t most_pixels = kMostPixels);

// A row for each column of the picture, scaled to `height` pixels with its proportions kept, but `stretch` times as
// wide: how much ink is in each pixel, 0 paper .. 1, the most of the picture. Where most of a picture is dark, the
// paper is taken to be dark. At least one row.
FrameRows line_rows(const GreyImage& image, int64_t height, double stretch = 1);

}  // namespace recur
