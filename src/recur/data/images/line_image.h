// Pictures of lines of writing or print, as rows that a network reads from left to right.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/files/frame_rows.h"

namespace recur {

struct GreyImage {
  int64_t width = 0, height = 0;
  std::vector<float> values;  // [height, width], 0 black .. 1 white
};

// Pixels of a picture; more is an error.
constexpr int64_t kMostPixels = int64_t{1} << 26;

// A PNG of any depth and colours as grey; what is transparent is white. Throws Error, naming the file, for what is no
// PNG or is damaged, and for more than `most_pixels`.
GreyImage read_png(const DataFile& file, int64_t most_pixels = kMostPixels);

// Whether this build can; else read_png() always throws.
bool can_read_images();

// Whether the name of a file says that it is a PNG.
bool is_image_name(std::string_view name);

// A row for each column of the picture, scaled to `height` pixels with its proportions kept, but `stretch` times as
// wide: how much ink is in each pixel, 0 paper .. 1, the most of the picture. Where most of a picture is dark, the
// paper is taken to be dark. At least one row.
FrameRows line_rows(const GreyImage& image, int64_t height, double stretch = 1);

}  // namespace recur
