// Any bytes, read as a picture, are values in 0 .. 1 of the size that they say, and what is written of them is read
// again as the same; read as an array or a list they are pictures of numbers, or an Error; as pictures that arrive in
// pieces they are the same, however they are cut. The first byte chooses.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/image_set.h"
#include "recur/data/images/image.h"
#include "recur/data/images/line_image.h"
#include "recur/data/images/picture_stream.h"

namespace {

constexpr std::int64_t kMostPixels = 1 << 16;

void check_same(const recur::Image& image, const std::string& bytes) {
  const recur::Image again = recur::read_image(recur::DataFile::from_memory("again", bytes));
  if (again.values.size() != image.values.size()) __builtin_trap();
  for (std::size_t i = 0; i < again.values.size(); ++i) {
    if (std::abs(again.values[i] - image.values[i]) > 1.0f / 65535) __builtin_trap();
  }
}

void read_as_picture(std::string bytes) {
  const recur::DataFile file = recur::DataFile::from_memory("input", std::move(bytes));
  const recur::Image image = recur::read_image(file, kMostPixels);
  if (image.pixels() < 1 || image.pixels() > kMostPixels) __builtin_trap();
  if (static_cast<std::int64_t>(image.values.size()) != image.pixels() * image.channels) __builtin_trap();
  for (const float value : image.values) {
    if (!(value >= 0 && value <= 1)) __builtin_trap();
  }
  check_same(image, recur::pnm_bytes(image, 16));
  if (recur::can_read_png()) check_same(image, recur::png_bytes(image, 16));
  if (recur::is_grey(image) != recur::is_grey(image)) __builtin_trap();
  recur::line_rows(recur::read_grey(file, kMostPixels), 8);
}

void read_as_set(std::string bytes) {
  const recur::DataFile files[] = {recur::DataFile::from_memory("input", std::move(bytes))};
  const recur::ImageSet set = recur::ImageSet::read(files, {.most_pixels = kMostPixels});
  for (std::int64_t i = 0; i < set.size(); ++i) {
    for (const float value : set.load(i).values) {
      if (!std::isfinite(value)) __builtin_trap();
    }
  }
}

// Of pictures in pieces of a size: how many there are and the sum of their values, or what is wrong.
std::string streamed(const std::string& bytes, std::size_t piece) {
  recur::PictureStream stream("input", kMostPixels);
  std::int64_t count = 0;
  double sum = 0;
  try {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      stream.add(std::string_view(bytes).substr(at, piece));
      while (const auto image = stream.next()) {
        ++count;
        for (const float value : image->values) sum += static_cast<double>(value);
      }
    }
    stream.finish();
  } catch (const recur::Error& error) {
    return std::to_string(count) + " " + std::to_string(sum) + " " + error.what();
  }
  return std::to_string(count) + " " + std::to_string(sum);
}

void read_as_stream(const std::string& bytes) {
  if (streamed(bytes, 7) != streamed(bytes, bytes.size() + 1)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] % 4 == 1) {
      read_as_set(std::move(bytes));
    } else if (data[0] % 4 == 2) {
      read_as_stream(bytes);
    } else {
      read_as_picture(std::move(bytes));
    }
  } catch (const recur::Error&) {
  }
  return 0;
}
