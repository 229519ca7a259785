#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/images/image.h"

#ifdef RECUR_HAS_JPEG
#include <jpeglib.h>
// After jpeglib.h, which it needs.
#include <jerror.h>

#include <csetjmp>
#endif

namespace recur {

#ifndef RECUR_HAS_JPEG

bool can_read_jpeg() { return false; }

namespace internal {
Image read_jpeg(const ImageBytes& in) {
  fail("{}: this build cannot read JPEG: install libjpeg-turbo (Debian: libjpeg-dev) and build again", in.name);
}
}  // namespace internal

#else

bool can_read_jpeg() { return true; }

namespace {

// libjpeg reports an error by a function that must not return: it jumps to where setjmp() was called. So each function
// that calls setjmp() has no objects with destructors; what must be freed is held by this.
class JpegReader {
 public:
  explicit JpegReader(std::string_view bytes) {
    info_.err = jpeg_std_error(&errors_.manager);
    errors_.manager.error_exit = on_error;
    errors_.manager.emit_message = on_message;
    bytes_ = bytes;
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  bool read_header() {
    if (setjmp(errors_.back) != 0) return false;
    jpeg_create_decompress(&info_);
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()),
                 static_cast<unsigned long>(bytes_.size()));
    jpeg_read_header(&info_, TRUE);
    return true;
  }
  bool start() {
    if (setjmp(errors_.back) != 0) return false;
    info_.out_color_space = info_.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    info_.dct_method = JDCT_ISLOW;
    progress_.progress_monitor = on_progress;
    info_.progress = &progress_;
    jpeg_start_decompress(&info_);
    return true;
  }
  bool read_row(JSAMPROW row) {
    if (setjmp(errors_.back) != 0) return false;
    JSAMPROW rows[] = {row};
    return jpeg_read_scanlines(&info_, rows, 1) == 1;
  }

  const jpeg_decompress_struct& info() const { return info_; }
  const char* error() const { return errors_.message; }

 private:
  struct Errors {
    jpeg_error_mgr manager;
    std::jmp_buf back;
    char message[JMSG_LENGTH_MAX] = "";
  };

  static Errors& errors_of(j_common_ptr info) { return *reinterpret_cast<Errors*>(info->err); }

  [[noreturn]] static void on_error(j_common_ptr info) {
    Errors& errors = errors_of(info);
    errors.manager.format_message(info, errors.message);
    std::longjmp(errors.back, 1);
  }
  // Where data are missing libjpeg makes up grey and only warns.
  static void on_message(j_common_ptr info, int level) {
    const int code = info->err->msg_code;
    if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) on_error(info);
  }
  // A small file can ask for any number of passes over a large picture.
  static void on_progress(j_common_ptr info) {
    constexpr int kMostScans = 200;
    if (!info->is_decompressor) return;
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
    Errors& errors = errors_of(info);
    std::snprintf(errors.message, sizeof(errors.message), "more than %d scans", kMostScans);
    std::longjmp(errors.back, 1);
  }

  std::string_view bytes_;
  jpeg_decompress_struct info_{};
  jpeg_progress_mgr progress_{};
  Errors errors_;
};

}  // namespace

namespace internal {

Image read_jpeg(const ImageBytes& in) {
  JpegReader jpeg(in.bytes);
  if (!jpeg.read_header()) fail("{}: expected a JPEG: {}", in.name, jpeg.error());
  const jpeg_decompress_struct& info = jpeg.info();
  // A block of 16 x 16 pixels takes a bit or more.
  constexpr int64_t kLeast = 2;
  check_image_size(in, int64_t{info.image_width}, int64_t{info.image_height}, kLeast);
  const J_COLOR_SPACE colours = info.jpeg_color_space;
  if (colours != JCS_GRAYSCALE && colours != JCS_YCbCr && colours != JCS_RGB) {
    fail("{}: expected a JPEG of grey or of red, green and blue, got {}", in.name,
         colours == JCS_CMYK || colours == JCS_YCCK ? "CMYK, colours for print: convert it to RGB"
                                                    : "colours that are not known");
  }
  if (!jpeg.start()) fail("{}: {}", in.name, jpeg.error());
  Image out{.height = int64_t{info.output_height},
            .width = int64_t{info.output_width},
            .channels = info.output_components,
            .bits = 8,
            .had_alpha = false,
            .values = {}};
  std::vector<JSAMPLE> row(static_cast<size_t>(out.width * out.channels));
  for (int64_t y = 0; y < out.height; ++y) {
    if (!jpeg.read_row(row.data())) fail("{}: row {}: {}", in.name, y + 1, jpeg.error());
    for (const JSAMPLE value : row) out.values.push_back(static_cast<float>(value) / 255.0f);
  }
  return out;
}

}  // namespace internal

#endif

}  // namespace recur
