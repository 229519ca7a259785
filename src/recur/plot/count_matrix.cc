#include "recur/plot/count_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/plot/svg.h"

namespace recur {
namespace {

constexpr size_t kMostNumbers = 40, kLongestName = 14;

// The first characters, whole code points.
std::string shortened(const std::string& name) {
  size_t at = 0, characters = 0;
  while (at < name.size() && characters < kLongestName) {
    ++at;
    while (at < name.size() && (static_cast<unsigned char>(name[at]) & 0xC0) == 0x80) ++at;
    ++characters;
  }
  return at == name.size() ? name : name.substr(0, at) + "…";
}

}  // namespace

std::string count_matrix_svg(const CountMatrix& matrix) {
  const size_t n = matrix.names.size();
  const bool numbers = n <= kMostNumbers;
  const double cell = !numbers ? 10 : std::clamp(420.0 / static_cast<double>(std::max<size_t>(n, 1)), 26.0, 64.0);
  double names = 0;
  for (const std::string& name : matrix.names) names = std::max(names, text_width(shortened(name)));
  const double left = 30 + names, top = 52 + names, size = cell * static_cast<double>(n);
  SvgDrawing out;
  out.text(10, 18, matrix.title, "start", "font-weight=\"600\"");
  out.text(left + size / 2, 36, matrix.column_label, "middle");
  out.text(14, top + size / 2, matrix.row_label, "middle",
           fmt::format("transform=\"rotate(-90 14 {:.1f})\"", top + size / 2));
  for (size_t r = 0; r < n; ++r) {
    const auto& counts = matrix.counts[r];
    const auto all = static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
    const double y = top + cell * static_cast<double>(r), x_of_name = left + cell * (static_cast<double>(r) + 0.5) + 4;
    if (numbers) {
      out.text(left - 6, y + cell / 2 + 4, shortened(matrix.names[r]), "end");
      out.text(x_of_name, top - 6, shortened(matrix.names[r]), "start",
               fmt::format("transform=\"rotate(-90 {:.1f} {:.1f})\"", x_of_name, top - 6));
    }
    for (size_t c = 0; c < n; ++c) {
      const double share = all > 0 ? static_cast<double>(counts[c]) / all : 0, x = left + cell * static_cast<double>(c);
      // On the diagonal blue, elsewhere red.
      const double colour = r == c ? -share : share;
      out.rect(x, y, cell - 1, cell - 1, diverging_colour(colour),
               fmt::format("{} {}, {} {}: {}", matrix.row_label, matrix.names[r], matrix.column_label, matrix.names[c],
                           counts[c]));
      if (!numbers || (counts[c] == 0 && n > 12)) continue;
      out.text(x + cell / 2, y + cell / 2 + 4, fmt::format("{}", counts[c]), "middle",
               is_dark(colour) ? "fill=\"#ffffff\"" : "");
    }
  }
  return out.svg(left + size + 20, top + size + 14, matrix.title);
}

}  // namespace recur
