#include "recur/tasks/caption/caption_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "recur/base/base64.h"
#include "recur/plot/svg.h"

namespace recur {
namespace {

constexpr double kTile = 96, kGap = 8, kLabel = 18;
constexpr size_t kAcross = 8;  // tiles of a line

struct Corner {
  double x = 0, y = 0;
};

// A picture over a tile; "" where there is none, or this build cannot write PNG.
std::string picture_at(const Image& picture, Corner at) {
  if (picture.height == 0 || !can_read_png()) return {};
  return fmt::format("<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" href=\"data:image/png;base64,{}\"/>\n", at.x,
                     at.y, kTile, kTile, base64_encode(png_bytes(picture, 8)));
}

// A veil over the regions, thin where the weight is large.
std::string veil_at(const CaptionPanel& panel, const std::vector<float>& weights, Corner at) {
  std::string out;
  const float most = weights.empty() ? 0 : *std::ranges::max_element(weights);
  const double width = kTile / static_cast<double>(panel.columns), height = kTile / static_cast<double>(panel.rows);
  for (size_t k = 0; k < weights.size(); ++k) {
    const int64_t row = static_cast<int64_t>(k) / panel.columns, column = static_cast<int64_t>(k) % panel.columns;
    const double dark = most > 0 ? 0.85 * (1 - static_cast<double>(weights[k] / most)) : 0.85;
    out += fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"#000\" "
        "fill-opacity=\"{:.3f}\"><title>{:.3f}</title></rect>\n",
        at.x + static_cast<double>(column) * width, at.y + static_cast<double>(row) * height, width, height, dark,
        weights[k]);
  }
  return out;
}

}  // namespace

std::string caption_chart_svg(std::span<const CaptionPanel> panels) {
  SvgDrawing drawing;
  double y = kGap;
  for (const CaptionPanel& panel : panels) {
    for (size_t k = 0; k < panel.weights.size(); ++k) {
      if (k > 0 && k % kAcross == 0) y += kTile + kLabel + kGap;
      const Corner at{kGap + static_cast<double>(k % kAcross) * (kTile + kGap), y + kLabel};
      drawing.text(at.x, at.y - 4, k < panel.words.size() ? panel.words[k] : "", "start");
      drawing.add(picture_at(panel.picture, at) + veil_at(panel, panel.weights[k], at));
    }
    y += kTile + kLabel + 2 * kGap;
  }
  return drawing.svg(kGap + kAcross * (kTile + kGap), y, "Where each word looks");
}

}  // namespace recur
