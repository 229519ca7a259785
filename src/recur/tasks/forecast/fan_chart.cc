#include "recur/tasks/forecast/fan_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/plot/svg.h"
#include "recur/tasks/metrics/forecasting.h"

namespace recur {
namespace {

// Pixels.
constexpr double kWidth = 420, kHeight = 170;                       // of the plotted area
constexpr double kLeft = 74, kRight = 26, kTop = 34, kBottom = 38;  // around it
constexpr double kLegend = 40;                                      // above all panels
constexpr double kCell = kLeft + kWidth + kRight, kRow = kTop + kHeight + kBottom;

struct Band {
  double low, high;  // quantiles
  const char* colour;
  const char* label;
};
// Between deciles, which every head gives.
constexpr Band kBands[] = {{0.1, 0.9, "#c6dbef", "80 %"}, {0.2, 0.8, "#9dc6e4", "60 %"}, {0.3, 0.7, "#6baed6", "40 %"}};

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

  void draw(SvgDrawing& out) const {
    draw_axes(out);
    if (std::ssize(panel_.paths) > panel_.horizon) {
      for (const Band& band : kBands) draw_fan(band, out);
    }
    draw_line(panel_.past, 0, {kInk, 1.4}, out);
    draw_line(ahead(0.5), join(), {kMarked, 2}, out);
    const double now = x(std::ssize(panel_.past) - 1);
    out.line(now, top_, now, top_ + kHeight, "#888888", "3 3");
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

  void draw_axes(SvgDrawing& out) const {
    out.text(left_, top_ - 12, panel_.title, "start", "font-weight=\"600\"");
    for (const double tick : round_ticks(low_, high_)) {
      out.line(left_, y(tick), left_ + kWidth, y(tick), kPale);
      out.text(left_ - 8, y(tick) + 4, tick_text(tick + panel_.offset), "end");
    }
    out.text(left_, top_ + kHeight + 20, panel_.begin);
    out.text(left_ + kWidth, top_ + kHeight + 20, panel_.end, "end");
  }

  void draw_fan(const Band& band, SvgDrawing& out) const {
    const std::vector<float> low = ahead(band.low), high = ahead(band.high);
    std::vector<double> xs, ys;
    const auto add = [&](int64_t h, float value) {
      xs.push_back(x(join() + h));
      ys.push_back(y(double{value}));
    };
    for (int64_t h = 0; h < std::ssize(high); ++h) add(h, high[h]);
    for (int64_t h = std::ssize(low) - 1; h >= 0; --h) add(h, low[h]);
    out.polygon(xs, ys, band.colour);
  }

  struct Pen {
    const char* colour;
    double width;
  };
  // Missing values break the line.
  void draw_line(std::span<const float> values, int64_t from, const Pen& pen, SvgDrawing& out) const {
    std::vector<double> xs, ys;
    for (int64_t t = 0; t < std::ssize(values); ++t) {
      xs.push_back(x(from + t));
      ys.push_back(y(double{values[t]}));
    }
    out.path(xs, ys, pen.colour, pen.width);
  }

  const FanPanel& panel_;
  double left_, top_;
  double low_ = INFINITY, high_ = -INFINITY;
};

void draw_legend(bool with_bands, SvgDrawing& out) {
  double x = kLeft;
  const auto entry = [&](const char* colour, double height, const char* label) {
    out.rect(x, 22 - height / 2, 22, height, colour);
    out.text(x + 28, 26, label);
    x += 90;
  };
  entry(kInk, 1.5, "past");
  entry(kMarked, 2.5, "median");
  for (const Band& band : kBands) {
    if (with_bands) entry(band.colour, 14, band.label);
  }
}

}  // namespace

std::string fan_chart_svg(std::span<const FanPanel> panels) {
  const size_t columns = std::min<size_t>(panels.size(), 2), rows = (panels.size() + 1) / 2;
  const double width = std::max(kCell * static_cast<double>(columns), 560.0);
  const double height = kLegend + kRow * static_cast<double>(rows);
  SvgDrawing drawing;
  draw_legend(std::ranges::any_of(panels, [](const FanPanel& p) { return std::ssize(p.paths) > p.horizon; }), drawing);
  for (size_t i = 0; i < panels.size(); ++i) {
    const size_t row = i / 2, column = i % 2;
    const double left = kLeft + kCell * static_cast<double>(column);
    PanelDrawing(panels[i], left, kLegend + kTop + kRow * static_cast<double>(row)).draw(drawing);
  }
  return drawing.svg(width, height);
}

}  // namespace recur
