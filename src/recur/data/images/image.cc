#include "recur/data/images/image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"

namespace recur {

ImageFormat image_format(std::string_view head) {
  if (head.starts_with("\x89PNG")) return ImageFormat::kPng;
  if (head.starts_with("\xFF\xD8\xFF")) return ImageFormat::kJpeg;
  const bool pnm = head.size() > 2 && head[0] == 'P' && std::string_view("2356").find(head[1]) != std::string::npos &&
                   std::string_view(" \t\r\n#").find(head[2]) != std::string::npos;
  return pnm ? ImageFormat::kPnm : ImageFormat::kNone;
}

bool is_image_name(std::string_view name) {
  constexpr std::array<std::string_view, 7> kExtensions{".png", ".jpg", ".jpeg", ".jpe", ".pgm", ".ppm", ".pnm"};
  return std::ranges::count(kExtensions, lower_ascii(std::filesystem::path(name).extension().string())) > 0;
}

Image read_image(const DataFile& file, int64_t most_pixels) {
  constexpr size_t kMostBytes = size_t{1} << 30;
  const std::string bytes = file.content(kMostBytes);
  const internal::ImageBytes in{.name = file.name(), .bytes = bytes, .most_pixels = most_pixels};
  switch (image_format(bytes)) {
    case ImageFormat::kPng:
      return internal::read_png(in);
    case ImageFormat::kJpeg:
      return internal::read_jpeg(in);
    case ImageFormat::kPnm:
      return internal::read_pnm(in);
    case ImageFormat::kNone:
      break;
  }
  fail("{}: expected a picture (PNG, JPEG, PGM or PPM), but its first bytes are not those of one", file.name());
}

Image grey_of(const Image& image) {
  if (image.channels == 1) return image;
  constexpr std::array<float, 3> kWeights{0.2125f, 0.7154f, 0.0721f};
  Image out{.height = image.height,
            .width = image.width,
            .channels = 1,
            .bits = image.bits,
            .had_alpha = image.had_alpha,
            .values = {}};
  out.values.reserve(static_cast<size_t>(image.pixels()));
  for (size_t i = 0; i + 2 < image.values.size(); i += 3) {
    const float red = image.values[i], green = image.values[i + 1], blue = image.values[i + 2];
    const bool grey = red == green && green == blue;  // stays what it is, bit for bit
    out.values.push_back(grey ? red : kWeights[0] * red + kWeights[1] * green + kWeights[2] * blue);
  }
  return out;
}

bool is_grey(const Image& image) {
  if (image.channels == 1) return true;
  for (size_t i = 0; i + 2 < image.values.size(); i += 3) {
    if (image.values[i] != image.values[i + 1] || image.values[i] != image.values[i + 2]) return false;
  }
  return true;
}

namespace internal {

void check_image_size(const ImageBytes& in, int64_t width, int64_t height, int64_t least) {
  if (width < 1 || height < 1)
    fail("{}: expected a width and a height of at least 1, got {} x {}", in.name, width, height);
  if (width > in.most_pixels / height) {
    fail("{}: expected at most {} pixels, got {} x {}", in.name, in.most_pixels, width, height);
  }
  constexpr int64_t kUnit = 4096;
  if (width * height / kUnit * least > std::ssize(in.bytes)) {
    fail("{}: {} bytes cannot hold {} x {} pixels: the file is cut off", in.name, in.bytes.size(), width, height);
  }
}

uint32_t quantized(float value, uint32_t largest) {
  if (!(value > 0)) return 0;
  const double scaled = static_cast<double>(std::min(value, 1.0f)) * largest;
  return static_cast<uint32_t>(std::lround(scaled));
}

}  // namespace internal

}  // namespace recur
