#include "recur/data/images/picture_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";
constexpr size_t kLongestHeader = 1 << 12;

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

// How long the header is: behind "P6" three numbers, each with a blank behind it; comments reach from # to the end of
// a line. Nothing where it goes on.
std::optional<size_t> header_length(std::string_view bytes) {
  constexpr size_t kMagic = 2;
  int numbers = 0;
  for (size_t at = kMagic; at < bytes.size();) {
    if (bytes[at] == '#') {
      at = std::min(bytes.find('\n', at), bytes.size());
    } else if (is_blank(bytes[at])) {
      ++at;
    } else {
      while (at < bytes.size() && !is_blank(bytes[at]) && bytes[at] != '#') ++at;
      if (at < bytes.size() && ++numbers == 3) return at + 1;
    }
  }
  return {};
}

}  // namespace

std::optional<Image> PictureStream::next() {
  while (begin_ < waiting_.size() && is_blank(waiting_[begin_])) ++begin_;
  const std::string_view bytes = std::string_view(waiting_).substr(begin_);
  constexpr size_t kMagic = 2;
  if (bytes.size() < kMagic) return {};
  const std::string name = fmt::format("{}, picture {}", name_, taken_ + 1);
  if (!bytes.starts_with("P5") && !bytes.starts_with("P6")) {
    fail("{}: expected a binary PGM or PPM picture, which begins with P5 or P6", name);
  }
  const auto header = header_length(bytes.substr(0, kLongestHeader));
  if (!header && bytes.size() >= kLongestHeader) fail("{}: its header has no end", name);
  if (!header) return {};
  const size_t length = *header + internal::pnm_values_size({name, bytes.substr(0, *header), most_pixels_});
  if (bytes.size() < length) return {};
  Image image = internal::read_pnm({name, bytes.substr(0, length), most_pixels_});
  ++taken_;
  begin_ += length;
  // What has been taken is dropped now and then, not once a picture.
  if (begin_ >= waiting_.size() / 2) {
    waiting_.erase(0, begin_);
    begin_ = 0;
  }
  return image;
}

void PictureStream::finish() const {
  const std::string_view rest = std::string_view(waiting_).substr(begin_);
  if (std::ranges::all_of(rest, is_blank)) return;
  fail("{}, picture {}: is cut off after {} bytes", name_, taken_ + 1, rest.size());
}

}  // namespace recur
