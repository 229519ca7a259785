#include "recur/data/images/line_image.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/images/resize.h"

namespace recur {

// Of a line of text: thousands of letters.
constexpr int64_t kMostColumns = int64_t{1} << 16;

GreyImage read_grey(const DataFile& file, int64_t most_pixels) {
  Image grey = grey_of(read_image(file, most_pixels));
  return {.width = grey.width, .height = grey.height, .values = std::move(grey.values)};
}

FrameRows line_rows(const GreyImage& image, int64_t height, double stretch) {
  const double shape = static_cast<double>(image.width) / static_cast<double>(image.height);
  const auto columns = std::clamp<int64_t>(std::llround(shape * static_cast<double>(height) * stretch), 1, kMostPixels);
  if (columns > kMostColumns) {
    fail("picture: {} x {} pixels make {} columns at a height of {}, expected at most {}", image.width, image.height,
         columns, height, kMostColumns);
  }
  const auto [low, high] = std::ranges::minmax(image.values);
  double sum = 0;
  for (const float value : image.values) sum += static_cast<double>(value);
  const bool dark = sum < 0.5 * static_cast<double>(low + high) * static_cast<double>(image.values.size());
  const float paper = dark ? low : high, range = high > low ? (dark ? high - low : low - high) : 1;
  // Pass 1: along each column of the picture.
  const std::vector<PixelTaps> down = pixel_taps(image.height, height), across = pixel_taps(image.width, columns);
  std::vector<float> narrow(static_cast<size_t>(height * image.width), 0.0f);
  for (int64_t y = 0; y < height; ++y) {
    for (size_t k = 0; k < down[y].weights.size(); ++k) {
      const float* from = image.values.data() + (down[y].first + static_cast<int64_t>(k)) * image.width;
      for (int64_t x = 0; x < image.width; ++x) narrow[y * image.width + x] += down[y].weights[k] * from[x];
    }
  }
  // Pass 2: along each row.
  FrameRows rows{.values = std::vector<float>(static_cast<size_t>(columns * height)), .width = height};
  for (int64_t x = 0; x < columns; ++x) {
    for (int64_t y = 0; y < height; ++y) {
      float value = 0;
      for (size_t k = 0; k < across[x].weights.size(); ++k) {
        value += across[x].weights[k] * narrow[y * image.width + across[x].first + static_cast<int64_t>(k)];
      }
      rows.values[x * height + y] = std::clamp((value - paper) / range, 0.0f, 1.0f);
    }
  }
  return rows;
}

}  // namespace recur
