#include "examples/support/digit_glyphs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/data/files/number_array.h"

namespace examples {
namespace {

constexpr int64_t kDrawnSide = 28;

struct Point {
  double x = 0, y = 0;
};
struct Segment {
  Point from, to;
};

// In a square from -1 to 1: top, both on the right, bottom, both on the left, middle.
constexpr Segment kSegments[] = {{{-1, -1}, {1, -1}}, {{1, -1}, {1, 0}},   {{1, 0}, {1, 1}}, {{-1, 1}, {1, 1}},
                                 {{-1, 0}, {-1, 1}},  {{-1, -1}, {-1, 0}}, {{-1, 0}, {1, 0}}};
// Which of them each digit has, the top one the lowest bit.
constexpr unsigned kSegmentsOfDigit[] = {0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f};

double distance(Point p, const Segment& s) {
  const Point along{s.to.x - s.from.x, s.to.y - s.from.y}, to_p{p.x - s.from.x, p.y - s.from.y};
  const double length2 = along.x * along.x + along.y * along.y;
  const double share = std::clamp((to_p.x * along.x + to_p.y * along.y) / length2, 0.0, 1.0);
  return std::hypot(to_p.x - share * along.x, to_p.y - share * along.y);
}

// How a digit is drawn, in pixels.
struct Hand {
  double half_width, half_height, slant, radius;

  explicit Hand(recur::Random& random)
      : half_width(4 + 2 * random.uniform64()),
        half_height(7 + 2 * random.uniform64()),
        slant(0.5 * random.uniform64() - 0.1),
        radius(1 + random.uniform64()) {}

  Point place(Point p) const {
    const double middle = (kDrawnSide - 1) / 2.0, y = half_height * p.y;
    return {middle + half_width * p.x - slant * y, middle + y};
  }
};

void draw(unsigned segments, const Hand& hand, uint8_t* pixels) {
  std::fill_n(pixels, kDrawnSide * kDrawnSide, uint8_t{0});
  for (size_t k = 0; k < std::size(kSegments); ++k) {
    if ((segments >> k & 1) == 0) continue;
    const Segment placed{hand.place(kSegments[k].from), hand.place(kSegments[k].to)};
    for (int64_t i = 0; i < kDrawnSide * kDrawnSide; ++i) {
      const Point p{static_cast<double>(i % kDrawnSide), static_cast<double>(i / kDrawnSide)};
      const double covered = std::clamp(hand.radius + 0.5 - distance(p, placed), 0.0, 1.0);
      pixels[i] = std::max(pixels[i], static_cast<uint8_t>(std::lround(255 * covered)));
    }
  }
}

}  // namespace

Glyphs read_glyphs(const std::filesystem::path& path, int64_t most_side) {
  recur::ArrayReader reader{recur::DataFile(path)};
  const std::vector<int64_t>& shape = reader.shape();
  const recur::ArrayElement element = reader.element_type();
  const bool fits = shape.size() == 3 && element.kind == 'u' && element.bytes == 1 && reader.size() > 0 &&
                    shape[1] <= most_side && shape[2] <= most_side;
  if (!fits) {
    recur::fail("{}: expected bytes (u1) [pictures, height, width] with sides of at most {}, got {}{} [{}]",
                path.string(), most_side, element.kind, element.bytes, fmt::join(shape, ", "));
  }
  Glyphs glyphs{.height = shape[1], .width = shape[2], .values = {}};
  glyphs.values.reserve(static_cast<size_t>(reader.size()));
  std::vector<double> picture(static_cast<size_t>(glyphs.height * glyphs.width));
  for (int64_t i = 0; i < shape[0]; ++i) {
    reader.read(picture);
    for (const double value : picture) glyphs.values.push_back(static_cast<uint8_t>(value));
  }
  return glyphs;
}

Glyphs draw_glyphs(int64_t count, recur::Random& random) {
  Glyphs glyphs{.height = kDrawnSide, .width = kDrawnSide, .values = {}};
  glyphs.values.resize(static_cast<size_t>(count * kDrawnSide * kDrawnSide));
  for (int64_t i = 0; i < count; ++i) {
    draw(kSegmentsOfDigit[i % 10], Hand(random), glyphs.values.data() + i * kDrawnSide * kDrawnSide);
  }
  return glyphs;
}

Glyphs split_off(Glyphs& glyphs, int64_t count) {
  const auto begin = glyphs.values.end() - count * glyphs.height * glyphs.width;
  Glyphs last{.height = glyphs.height, .width = glyphs.width, .values = {begin, glyphs.values.end()}};
  glyphs.values.erase(begin, glyphs.values.end());
  return last;
}

}  // namespace examples
