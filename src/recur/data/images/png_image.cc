#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/images/image.h"

#ifdef RECUR_HAS_PNG
#include <png.h>
#endif

namespace recur {

#ifndef RECUR_HAS_PNG

bool can_read_png() { return false; }

namespace internal {
Image read_png(const ImageBytes& in) {
  fail("{}: this build cannot read PNG: install libpng (Debian: libpng-dev) and build again", in.name);
}
}  // namespace internal

std::string png_bytes(const Image&, int) {
  fail("this build cannot write PNG: install libpng (Debian: libpng-dev) and build again");
}

#else

bool can_read_png() { return true; }

namespace {

// libpng reports an error by jumping to where setjmp() was called. So each function that calls setjmp() has no objects
// with destructors, and what must be freed is held by these two.
struct Messages {
  char error[200] = "";
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
  auto* messages = static_cast<Messages*>(png_get_error_ptr(png));
  std::strncpy(messages->error, message, sizeof(messages->error) - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

class PngReader {
 public:
  explicit PngReader(std::string_view bytes) : bytes_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &messages_, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) fail("libpng: no memory");
    png_set_read_fn(png_, this, read_bytes);
    constexpr png_uint_32 kMostSide = 1 << 30;  // the caller has bounds of its own
    png_set_user_limits(png_, kMostSide, kMostSide);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool read_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_info(png_, info_);
    bits_ = png_get_bit_depth(png_, info_);
    colours_ = png_get_color_type(png_, info_);
    png_set_expand(png_);  // palettes to colours, few bits to 8, one transparent colour to an alpha channel
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }
  bool read_rows(png_bytep* rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

  int64_t width() const { return int64_t{png_get_image_width(png_, info_)}; }
  int64_t height() const { return int64_t{png_get_image_height(png_, info_)}; }
  int64_t channels() const { return int64_t{png_get_channels(png_, info_)}; }
  int64_t row_bytes() const { return static_cast<int64_t>(png_get_rowbytes(png_, info_)); }
  int stored_bits() const { return png_get_bit_depth(png_, info_); }  // after expansion: 8 or 16
  int bits() const { return colours_ == PNG_COLOR_TYPE_PALETTE ? 8 : bits_; }
  int64_t bits_of_pixel() const {
    const int64_t channels = colours_ == PNG_COLOR_TYPE_RGB          ? 3
                             : colours_ == PNG_COLOR_TYPE_RGB_ALPHA  ? 4
                             : colours_ == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                                                     : 1;
    return channels * bits_;
  }
  const char* error() const { return messages_.error; }

 private:
  static void read_bytes(png_structp png, png_bytep out, size_t count) {
    auto& self = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > self.bytes_.size()) png_error(png, "the file is cut off");
    std::memcpy(out, self.bytes_.data(), count);
    self.bytes_.remove_prefix(count);
  }

  std::string_view bytes_;  // not yet read
  Messages messages_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  int bits_ = 0, colours_ = 0;
};

// Values of rows as libpng gives them, 16 bits with the higher byte first.
float value_at(const png_byte* row, int64_t i, int bits) {
  if (bits == 16) return static_cast<float>(row[2 * i] << 8 | row[2 * i + 1]) / 65535.0f;
  return static_cast<float>(row[i]) / 255.0f;
}

// Of a pixel with its alpha last, laid on white.
void add_on_white(const png_byte* row, int64_t pixel, int64_t channels, int bits, Image& out) {
  const float alpha = value_at(row, pixel * channels + channels - 1, bits);
  out.had_alpha |= alpha < 1;
  for (int64_t c = 0; c + 1 < channels; ++c) {
    const float value = value_at(row, pixel * channels + c, bits);
    out.values.push_back(alpha < 1 ? alpha * value + (1 - alpha) : value);
  }
}

}  // namespace

namespace internal {

Image read_png(const ImageBytes& in) {
  PngReader png(in.bytes);
  if (!png.read_header()) fail("{}: expected a PNG: {}", in.name, png.error());
  // Deflate packs at most 1032 bytes into one.
  constexpr int64_t kUnit = 4096, kMostPacked = 1032 * 8;
  check_image_size(in, png.width(), png.height(), png.bits_of_pixel() * kUnit / kMostPacked);
  const int64_t height = png.height(), width = png.width(), stored = png.channels();
  std::vector<png_byte> bytes(static_cast<size_t>(png.row_bytes() * height));
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < height; ++y) rows.push_back(bytes.data() + y * png.row_bytes());
  if (!png.read_rows(rows.data())) fail("{}: {}", in.name, png.error());
  const bool alpha = stored == 2 || stored == 4;
  Image out{.height = height,
            .width = width,
            .channels = alpha ? stored - 1 : stored,
            .bits = png.bits(),
            .had_alpha = false,
            .values = {}};
  out.values.reserve(static_cast<size_t>(height * width * out.channels));
  for (const png_bytep row : rows) {
    for (int64_t x = 0; x < width; ++x) {
      if (alpha) {
        add_on_white(row, x, stored, png.stored_bits(), out);
      } else {
        for (int64_t c = 0; c < stored; ++c) out.values.push_back(value_at(row, x * stored + c, png.stored_bits()));
      }
    }
  }
  return out;
}

}  // namespace internal

namespace {

class PngWriter {
 public:
  PngWriter() {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, &messages_, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) fail("libpng: no memory");
    png_set_write_fn(png_, this, write_bytes, [](png_structp) {});
  }
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  bool write(int64_t width, int64_t height, int bits, int64_t channels, png_bytep* rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), bits,
                 channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    png_write_image(png_, rows);
    png_write_end(png_, nullptr);
    return true;
  }
  const char* error() const { return messages_.error; }
  std::string& bytes() { return bytes_; }

 private:
  static void write_bytes(png_structp png, png_bytep data, size_t count) {
    static_cast<PngWriter*>(png_get_io_ptr(png))->bytes_.append(reinterpret_cast<const char*>(data), count);
  }

  Messages messages_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::string bytes_;
};

}  // namespace

std::string png_bytes(const Image& image, int bits) {
  if (image.pixels() < 1) fail("png_bytes: expected a picture with pixels, got {} x {}", image.width, image.height);
  const int64_t row = image.width * image.channels, size = bits == 16 ? 2 : 1;
  std::vector<png_byte> bytes;
  bytes.reserve(static_cast<size_t>(row * image.height * size));
  for (const float value : image.values) {
    const uint32_t number = internal::quantized(value, bits == 16 ? 65535 : 255);
    if (bits == 16) bytes.push_back(static_cast<png_byte>(number >> 8));
    bytes.push_back(static_cast<png_byte>(number & 255));
  }
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < image.height; ++y) rows.push_back(bytes.data() + y * row * size);
  PngWriter writer;
  if (!writer.write(image.width, image.height, bits == 16 ? 16 : 8, image.channels, rows.data())) {
    fail("png_bytes: {}", writer.error());
  }
  return std::move(writer.bytes());
}

#endif

}  // namespace recur
