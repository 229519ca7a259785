#include "recur/tasks/forecast/fan_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/tasks/metrics/forecasting.h"

namespace recur {
namespace {

// Pixels.
constexpr double kWidth = 420, kHeight = 170;                       // of the plotted area
constexpr double kLeft = 74, kRight = 26, kTop = 34, kBottom = 38;  // around it
constexpr double kLegend = 40;                                      // above all panels
constexpr double kCell = kLeft + kWidth + kRight, kRow = kTop + kHeight + kBottom;
constexpr const char* kInk = "#333333";
constexpr const char* kMedian = "#08519c";

struct Band {
  double low, high;  // quantiles
  const char* colour;
  const char* label;
};
// Between deciles, which every head gives.
constexpr Band kBands[] = {{0.1, 0.9, "#c6dbef", "80 %"}, {0.2, 0.8, "#9dc6e4", "60 %"}, {0.3, 0.7, "#6baed6", "40 %"}};

std::string escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (static_cast<unsigned char>(c) >= ' ')
      out += c;
  }
  return out;
}

std::string text(double x, double y, const std::string& content, const char* anchor, const char* extra = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\"{}>{}</text>\n", x, y, anchor, kInk,
                     extra, escape(content));
}

// At most five round numbers within the range, 1, 2 or 5 times a power of ten apart.
std::vector<double> ticks(double low, double high) {
  constexpr double kMost = 5;
  const double rough = (high - low) / kMost, power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= rough) step = factor * power;
  }
  std::vector<double> out;
  for (double tick = std::ceil(low / step) * step; tick <= high; tick += step)
    out.push_back(std::abs(tick) < step / 2 ? 0 : tick);
  return out;
}

class PanelDrawing {
 public:
  PanelDrawing(const FanPanel& panel, double left, double top) : panel_(panel), left_(left), top_(top) {
    for (const float y : panel.past) widen(y);
    for (const Band& band : kBands) {
      for (const double p : {band.low, band.high}) {
        for (const float y : step_quantile(panel.paths, panel.horizon, p)) widen(y);
      }
    }
    if (!(low_ <= high_)) low_ = 0, high_ = 1;
    const double margin = high_ > low_ ? 0.05 * (high_ - low_) : std::max(std::abs(high_), 1.0) / 10;
    low_ -= margin;
    high_ += margin;
  }

  std::string svg() const {
    std::string out = axes();
    if (std::ssize(panel_.paths) > panel_.horizon) {
      for (const Band& band : kBands) out += fan(band);
    }
    out += line(panel_.past, 0, kInk, 1.4);
    out += line(ahead(0.5), join(), kMedian, 2);
    const double now = x(std::ssize(panel_.past) - 1);
    return out + fmt::format(
                     "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"#888888\" "
                     "stroke-dasharray=\"3 3\"/>\n",
                     now, top_, top_ + kHeight);
  }

 private:
  void widen(float y) {
    if (!std::isfinite(y)) return;
    low_ = std::min<double>(low_, y);
    high_ = std::max<double>(high_, y);
  }
  double x(int64_t t) const {
    const int64_t last = std::max<int64_t>(std::ssize(panel_.past) + panel_.horizon - 1, 1);
    return left_ + kWidth * static_cast<double>(t) / static_cast<double>(last);
  }
  double y(double value) const { return top_ + kHeight * (high_ - value) / (high_ - low_); }

  // The forecast is drawn from the last value of the past on, where that is known.
  bool joined() const { return !panel_.past.empty() && std::isfinite(panel_.past.back()); }
  int64_t join() const { return std::ssize(panel_.past) - (joined() ? 1 : 0); }
  std::vector<float> ahead(double p) const {
    std::vector<float> out = step_quantile(panel_.paths, panel_.horizon, p);
    if (joined()) out.insert(out.begin(), panel_.past.back());
    return out;
  }

  // With the digits that tell ticks apart.
  std::string tick_text(double value) const {
    return panel_.offset == 0 ? fmt::format("{:.6g}", value) : fmt::format("{:.12g}", value);
  }

  std::string axes() const {
    std::string out = text(left_, top_ - 12, panel_.title, "start", " font-weight=\"600\"");
    for (const double tick : ticks(low_, high_)) {
      out += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#e6e6e6\"/>\n", left_,
                         y(tick), left_ + kWidth, y(tick));
      out += text(left_ - 8, y(tick) + 4, tick_text(tick + panel_.offset), "end");
    }
    out += text(left_, top_ + kHeight + 20, panel_.begin, "start");
    return out + text(left_ + kWidth, top_ + kHeight + 20, panel_.end, "end");
  }

  std::string fan(const Band& band) const {
    const std::vector<float> low = ahead(band.low), high = ahead(band.high);
    std::string points;
    for (int64_t h = 0; h < std::ssize(high); ++h) points += fmt::format("{:.1f},{:.1f} ", x(join() + h), y(high[h]));
    for (int64_t h = std::ssize(low) - 1; h >= 0; --h)
      points += fmt::format("{:.1f},{:.1f} ", x(join() + h), y(low[h]));
    return fmt::format("<polygon points=\"{}\" fill=\"{}\"/>\n", points, band.colour);
  }

  // Missing values break the line.
  std::string line(std::span<const float> values, int64_t from, const char* colour, double width) const {
    std::string path;
    bool pen_down = false;
    for (int64_t t = 0; t < std::ssize(values); ++t) {
      const bool known = std::isfinite(values[t]);
      if (known) path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", x(from + t), y(values[t]));
      pen_down = known;
    }
    return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"/>\n",
                       path, colour, width);
  }

  const FanPanel& panel_;
  double left_, top_;
  double low_ = INFINITY, high_ = -INFINITY;
};

std::string legend(bool with_bands) {
  double x = kLeft;
  std::string out;
  const auto entry = [&](const char* colour, double height, const char* label) {
    out += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"22\" height=\"{}\" fill=\"{}\"/>\n", x, 22 - height / 2,
                       height, colour);
    out += text(x + 28, 26, label, "start");
    x += 90;
  };
  entry(kInk, 1.5, "past");
  entry(kMedian, 2.5, "median");
  for (const Band& band : kBands) {
    if (with_bands) entry(band.colour, 14, band.label);
  }
  return out;
}

}  // namespace

std::string fan_chart_svg(std::span<const FanPanel> panels) {
  const size_t columns = std::min<size_t>(panels.size(), 2), rows = (panels.size() + 1) / 2;
  const double width = std::max(kCell * static_cast<double>(columns), 560.0);
  const double height = kLegend + kRow * static_cast<double>(rows);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
      width, height);
  svg += legend(std::ranges::any_of(panels, [](const FanPanel& p) { return std::ssize(p.paths) > p.horizon; }));
  for (size_t i = 0; i < panels.size(); ++i) {
    const double left = kLeft + kCell * static_cast<double>(i % 2);
    svg += PanelDrawing(panels[i], left, kLegend + kTop + kRow * static_cast<double>(i / 2)).svg();
  }
  return svg + "</svg>\n";
}

}  // namespace recur
