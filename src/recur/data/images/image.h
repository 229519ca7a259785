// A picture in memory, and the formats of picture files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

struct Image {
  int64_t height = 0, width = 0;
  int64_t channels = 1;  // C: 1 grey, 3 red, green and blue
  // Of a value in the file: 1, 2, 4, 8 or 16, of which 0 is black and the largest number 1, white. 0: real numbers of
  // an array, which are what they are.
  int bits = 8;
  bool had_alpha = false;     // it was partly transparent: laid on white
  std::vector<float> values;  // [height, width, C], row-major

  int64_t pixels() const { return height * width; }
};

// Pixels of a picture; more is an error.
constexpr int64_t kMostPixels = int64_t{1} << 26;

enum class ImageFormat { kNone, kPng, kJpeg, kPnm };

// By the first bytes of a file: PNG, JPEG, PGM or PPM.
ImageFormat image_format(std::string_view head);
// Whether the name of a file says that it is one of these.
bool is_image_name(std::string_view name);

// A picture of any of the formats, of any depth and either number of channels; palettes become colours, and what is
// transparent is laid on white. Throws Error, naming the file, for what is none, is damaged or cut off, has colours
// that are not read (CMYK), or says that it has more than `most_pixels`.
Image read_image(const DataFile& file, int64_t most_pixels = kMostPixels);

// The bytes of files of such pictures. Values are cut to 0 .. 1 and rounded to 8 or 16 bits.
std::string png_bytes(const Image& image, int bits);
std::string pnm_bytes(const Image& image, int bits);  // PGM, of colours PPM

// One channel, by the brightness that colours have: Rec. 709, as scikit-image's rgb2gray.
Image grey_of(const Image& image);
// Whether all channels are equal everywhere.
bool is_grey(const Image& image);

// Whether this build can read and write PNG, and read JPEG; else what does so throws and says what to install.
bool can_read_png();
bool can_read_jpeg();

namespace internal {

// The bytes of one picture as each format's reader takes them. For the readers and for image_set.cc.
struct ImageBytes {
  const std::string& name;  // of the file, for messages
  std::string_view bytes;
  int64_t most_pixels;
};
Image read_png(const ImageBytes& in);
Image read_jpeg(const ImageBytes& in);
Image read_pnm(const ImageBytes& in);
// Of a binary PGM or PPM the bytes that its values take, by its header, which `in` may end with.
size_t pnm_values_size(const ImageBytes& in);

// Throws Error for an empty picture, one of more than most_pixels, and one that so many bytes of a file cannot hold:
// `least` of them are the fewest that a pixel takes, in 1 / 4096.
void check_image_size(const ImageBytes& in, int64_t width, int64_t height, int64_t least);

// A value in 0 .. 1 as an integer of 0 .. largest; NaN is 0.
uint32_t quantized(float value, uint32_t largest);

}  // namespace internal

}  // namespace recur
