#include "recur/data/images/line_image.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"

#ifdef RECUR_HAS_PNG
#include <png.h>
#endif

namespace recur {

bool is_image_name(std::string_view name) {
  return lower_ascii(std::filesystem::path(name).extension().string()) == ".png";
}

#ifndef RECUR_HAS_PNG

bool can_read_images() { return false; }

GreyImage read_png(const DataFile& file, int64_t) {
  fail("{}: this build cannot read pictures: install libpng (Debian: libpng-dev) and build again", file.name());
}

#else

bool can_read_images() { return true; }

GreyImage read_png(const DataFile& file, int64_t most_pixels) {
  constexpr size_t kMostBytes = size_t{1} << 30;
  const std::string bytes = file.content(kMostBytes);
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0) {
    fail("{}: expected a PNG: {}", file.name(), png.message);
  }
  GreyImage out{.width = int64_t{png.width}, .height = int64_t{png.height}, .values = {}};
  if (out.width < 1 || out.height < 1 || out.width > most_pixels / out.height) {
    png_image_free(&png);
    fail("{}: expected at most {} pixels, got {} x {}", file.name(), most_pixels, out.width, out.height);
  }
  png.format = PNG_FORMAT_GRAY;
  std::vector<png_byte> pixels(PNG_IMAGE_SIZE(png));
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&png, &white, pixels.data(), 0, nullptr) == 0) {
    const std::string message = png.message;
    png_image_free(&png);
    fail("{}: {}", file.name(), message);
  }
  out.values.reserve(pixels.size());
  for (const png_byte pixel : pixels) out.values.push_back(static_cast<float>(pixel) / 255);
  return out;
}

#endif

namespace {

// What a pixel of the result takes of those along one axis.
struct Taps {
  int64_t first = 0;
  std::vector<float> weights;
};

// Linear interpolation, over as many pixels as become one where the result is smaller.
std::vector<Taps> taps_of(int64_t from, int64_t to) {
  std::vector<Taps> out;
  const double scale = static_cast<double>(from) / static_cast<double>(to), reach = std::max(scale, 1.0);
  for (int64_t i = 0; i < to; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale - 0.5;
    const auto first = std::clamp<int64_t>(static_cast<int64_t>(std::ceil(center - reach)), 0, from - 1);
    const auto last = std::clamp<int64_t>(static_cast<int64_t>(std::floor(center + reach)), first, from - 1);
    Taps taps{.first = first, .weights = {}};
    float sum = 0;
    for (int64_t k = first; k <= last; ++k) {
      const auto weight = static_cast<float>(std::max(1 - std::abs(static_cast<double>(k) - center) / reach, 0.0));
      taps.weights.push_back(weight);
      sum += weight;
    }
    if (sum <= 0) taps.weights.assign(1, sum = 1);
    for (float& weight : taps.weights) weight /= sum;
    out.push_back(std::move(taps));
  }
  return out;
}

}  // namespace

FrameRows line_rows(const GreyImage& image, int64_t height, double stretch) {
  const double shape = static_cast<double>(image.width) / static_cast<double>(image.height);
  const auto columns = std::clamp<int64_t>(std::llround(shape * static_cast<double>(height) * stretch), 1, kMostPixels);
  if (columns > kMostPixels / height) fail("picture: {} x {} pixels are too wide", image.width, image.height);
  const auto [low, high] = std::ranges::minmax(image.values);
  double sum = 0;
  for (const float value : image.values) sum += static_cast<double>(value);
  const bool dark = sum < 0.5 * static_cast<double>(low + high) * static_cast<double>(image.values.size());
  const float paper = dark ? low : high, range = high > low ? (dark ? high - low : low - high) : 1;
  // Pass 1: along each column of the picture.
  const std::vector<Taps> down = taps_of(image.height, height), across = taps_of(image.width, columns);
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
