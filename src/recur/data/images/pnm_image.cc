#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/images/image.h"

namespace recur {
namespace {

constexpr std::string_view kPnmBlanks = " \t\r\n\v\f";

// The numbers of a PGM or PPM: digits between blanks, and comments from # to the end of a line.
class PnmReader {
 public:
  explicit PnmReader(const internal::ImageBytes& in) : in_(in) {}

  bool at_end() const { return at_ >= in_.bytes.size(); }
  std::string_view rest() const { return in_.bytes.substr(at_); }
  void skip(size_t count) { at_ += count; }

  int64_t number(const char* what) {
    constexpr int64_t kMost = int64_t{1} << 31;
    skip_blanks();
    int64_t value = 0;
    const size_t begin = at_;
    for (; !at_end() && in_.bytes[at_] >= '0' && in_.bytes[at_] <= '9'; ++at_) {
      value = value * 10 + (in_.bytes[at_] - '0');
      if (value > kMost) fail("{}: byte {}: the {} is too large", in_.name, begin + 1, what);
    }
    if (at_ == begin) {
      fail("{}: byte {}: expected the {}, {}", in_.name, begin + 1, what,
           at_end() ? "but the file is cut off" : "a number");
    }
    if (!at_end() && in_.bytes[at_] != '#' && kPnmBlanks.find(in_.bytes[at_]) == std::string_view::npos) {
      fail("{}: byte {}: expected a blank behind the {}", in_.name, at_ + 1, what);
    }
    return value;
  }

  // And comments.
  void skip_blanks() {
    for (; !at_end(); ++at_) {
      if (in_.bytes[at_] == '#') {
        while (!at_end() && in_.bytes[at_] != '\n') ++at_;
        if (at_end()) return;
      } else if (kPnmBlanks.find(in_.bytes[at_]) == std::string_view::npos) {
        return;
      }
    }
  }

 private:
  const internal::ImageBytes& in_;
  size_t at_ = 0;
};

void read_digits(PnmReader& in, const internal::ImageBytes& file, int64_t largest, int64_t count, Image& out) {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t value = in.number("next value");
    if (value > largest) fail("{}: value {} is {}, expected at most {}", file.name, i + 1, value, largest);
    out.values.push_back(static_cast<float>(value) / static_cast<float>(largest));
  }
  in.skip_blanks();
  const std::string_view rest = in.rest();
  if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') fail("{}: has more than {} values", file.name, count);
}

void read_binary(PnmReader& in, const internal::ImageBytes& file, int64_t largest, int64_t count, Image& out) {
  if (in.at_end()) fail("{}: the file is cut off", file.name);
  in.skip(1);  // one blank
  const int64_t size = largest > 255 ? 2 : 1;
  const std::string_view bytes = in.rest();
  if (std::ssize(bytes) < count * size) {
    fail("{}: the file is cut off: expected {} bytes of values, got {}", file.name, count * size, bytes.size());
  }
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  out.values.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i, at += size) {
    const int64_t value = size == 2 ? at[0] << 8 | at[1] : at[0];
    if (value > largest) fail("{}: value {} is {}, expected at most {}", file.name, i + 1, value, largest);
    out.values.push_back(static_cast<float>(value) / static_cast<float>(largest));
  }
  in.skip(static_cast<size_t>(count * size));
}

// A file may hold several pictures one behind the other, of which the first alone would be half the truth.
void check_alone(PnmReader& in, const std::string& name) {
  in.skip_blanks();
  const std::string_view rest = in.rest();
  if (rest.size() < 3 || rest[0] != 'P' || rest[1] < '1' || rest[1] > '6') return;
  if (rest[2] != '#' && kPnmBlanks.find(rest[2]) == std::string_view::npos) return;
  fail("{}: has several pictures one behind the other: expected one a file", name);
}

struct PnmHeader {
  Image image;  // without its values
  int64_t largest;
};

PnmHeader read_header(PnmReader& reader, const internal::ImageBytes& in) {
  const char kind = in.bytes[1];
  reader.skip(2);
  Image out{.channels = kind == '3' || kind == '6' ? 3 : 1, .values = {}};
  out.width = reader.number("width");
  out.height = reader.number("height");
  const int64_t largest = reader.number("largest value");
  if (largest < 1 || largest > 65535) fail("{}: expected a largest value of 1 .. 65535, got {}", in.name, largest);
  out.bits = largest > 255 ? 16 : 8;
  return {std::move(out), largest};
}

}  // namespace

namespace internal {

size_t pnm_values_size(const ImageBytes& in) {
  PnmReader reader(in);
  const Image image = read_header(reader, in).image;
  check_image_size(in, image.width, image.height, 0);
  return static_cast<size_t>(image.pixels() * image.channels * (image.bits / 8));
}

Image read_pnm(const ImageBytes& in) {
  PnmReader reader(in);
  auto [out, largest] = read_header(reader, in);
  const bool digits = in.bytes[1] == '2' || in.bytes[1] == '3';
  // A value takes a byte, one of digits a digit and a blank but for the last.
  constexpr int64_t kUnit = 4096;
  check_image_size(in, out.width, out.height, out.channels * kUnit);
  const int64_t count = out.pixels() * out.channels;
  digits ? read_digits(reader, in, largest, count, out) : read_binary(reader, in, largest, count, out);
  check_alone(reader, in.name);
  return out;
}

}  // namespace internal

std::string pnm_bytes(const Image& image, int bits) {
  const bool wide = bits == 16;
  std::string out =
      fmt::format("P{}\n{} {}\n{}\n", image.channels == 1 ? 5 : 6, image.width, image.height, wide ? 65535 : 255);
  for (const float value : image.values) {
    const uint32_t number = internal::quantized(value, wide ? 65535 : 255);
    if (wide) out += static_cast<char>(number >> 8);
    out += static_cast<char>(number & 255);
  }
  return out;
}

}  // namespace recur
