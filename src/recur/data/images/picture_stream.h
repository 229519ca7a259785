// Pictures as they arrive, one behind the other, as programs for video write them to a pipe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "recur/data/images/image.h"

namespace recur {

// Binary PGM and PPM pictures (P5, P6) cut into pieces anywhere.
class PictureStream {
 public:
  // `name` is that of the stream, for messages.
  explicit PictureStream(std::string name, int64_t most_pixels = kMostPixels)
      : name_(std::move(name)), most_pixels_(most_pixels) {}

  void add(std::string_view bytes) { waiting_ += bytes; }
  // The next picture that is whole. Throws Error, with its number from 1, for what is no such picture.
  std::optional<Image> next();
  // Throws Error where the stream ends within a picture.
  void finish() const;

 private:
  std::string name_;
  int64_t most_pixels_;
  std::string waiting_;
  size_t begin_ = 0;   // of the next picture in what waits
  int64_t taken_ = 0;  // pictures so far
};

}  // namespace recur
