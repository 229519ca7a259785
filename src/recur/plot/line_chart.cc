#include "recur/plot/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "recur/plot/svg.h"

namespace recur {
namespace {

// Pixels.
constexpr double kWidth = 460, kHeight = 220;                       // of the plotted area
constexpr double kLeft = 66, kRight = 18, kTop = 34, kBottom = 46;  // around it
constexpr double kLegendRow = 18;
constexpr size_t kMostPoints = 400;

// Okabe and Ito (2008): told apart by people who see colours differently.
constexpr std::array kColours{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#8b6914", "#333333"};

const char* colour_of(size_t i) { return kColours[i % kColours.size()]; }
const char* dashes_of(size_t i) {
  constexpr std::array kDashes{"", "6 3", "2 3"};
  return kDashes[i / kColours.size() % kDashes.size()];
}

struct Axis {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();

  void widen(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Room above and below, and never no width.
  void settle(std::optional<double> chosen_low, std::optional<double> chosen_high, double margin) {
    if (!(low <= high)) low = 0, high = 1;
    const double room = high > low ? margin * (high - low) : std::max(std::abs(high), 1.0) / 10;
    low = chosen_low.value_or(low - room);
    high = chosen_high.value_or(high + room);
    if (!(low < high)) high = low + 1;
  }
  double share(double value) const { return (value - low) / (high - low); }
};

class ChartDrawing {
 public:
  explicit ChartDrawing(const LineChart& chart) : chart_(chart) {
    for (const Curve& curve : chart.curves) {
      for (const double x : curve.xs) x_.widen(x);
      for (const double y : curve.ys) y_.widen(y);
    }
    x_.settle(chart.x_low, chart.x_high, 0);
    y_.settle(chart.y_low, chart.y_high, 0.05);
  }

  std::string svg() {
    draw_axes();
    if (chart_.diagonal) out_.line(kLeft, kTop + kHeight, kLeft + kWidth, kTop, "#999999", "3 3");
    if (chart_.mark) draw_mark(*chart_.mark);
    for (size_t i = 0; i < chart_.curves.size(); ++i) draw_curve(chart_.curves[i], i);
    double below = kTop + kHeight + kBottom;
    if (chart_.curves.size() > 1 || chart_.legend) below = draw_legend(below + 8);
    return out_.svg(kLeft + kWidth + kRight, below, chart_.title);
  }

 private:
  double x(double value) const { return kLeft + kWidth * x_.share(value); }
  double y(double value) const { return kTop + kHeight * (1 - y_.share(value)); }

  void draw_axes() {
    out_.text(kLeft, 18, chart_.title, "start", "font-weight=\"600\"");
    for (const double tick : round_ticks(y_.low, y_.high)) {
      out_.line(kLeft, y(tick), kLeft + kWidth, y(tick), kPale);
      out_.text(kLeft - 6, y(tick) + 4, fmt::format("{:.6g}", tick), "end");
    }
    for (const double tick : round_ticks(x_.low, x_.high)) {
      out_.text(x(tick), kTop + kHeight + 16, fmt::format("{:.6g}", tick), "middle");
    }
    out_.line(kLeft, kTop + kHeight, kLeft + kWidth, kTop + kHeight, kInk);
    out_.text(kLeft + kWidth / 2, kTop + kHeight + 34, chart_.x_label, "middle");
    if (!chart_.y_label.empty()) {
      const double middle = kTop + kHeight / 2;
      out_.text(14, middle, chart_.y_label, "middle", fmt::format("transform=\"rotate(-90 14 {:.1f})\"", middle));
    }
  }

  void draw_mark(double at) {
    if (at < x_.low || at > x_.high) return;
    out_.line(x(at), kTop, x(at), kTop + kHeight, "#888888", "3 3");
    const bool right = x_.share(at) > 0.7;
    out_.text(x(at) + (right ? -4 : 4), kTop + 12, chart_.mark_label, right ? "end" : "start");
  }

  void draw_curve(const Curve& curve, size_t i) {
    std::vector<double> xs, ys;
    for (const size_t k : thinned(curve.ys, kMostPoints)) {
      const double value = curve.ys[k];
      xs.push_back(x(curve.xs[k]));
      ys.push_back(std::isfinite(value) ? y(std::clamp(value, y_.low, y_.high)) : value);
    }
    if (xs.size() == 1 && std::isfinite(ys[0])) return out_.line(xs[0] - 3, ys[0], xs[0] + 3, ys[0], colour_of(i));
    out_.path(xs, ys, colour_of(i), 1.6, dashes_of(i));
  }

  // Returns where it ends.
  double draw_legend(double top) {
    double left = kLeft;
    for (size_t i = 0; i < chart_.curves.size(); ++i) {
      const double width = 30 + text_width(chart_.curves[i].name);
      if (left > kLeft && left + width > kLeft + kWidth) {
        left = kLeft;
        top += kLegendRow;
      }
      out_.line(left, top - 4, left + 18, top - 4, colour_of(i), dashes_of(i));
      out_.text(left + 22, top, chart_.curves[i].name);
      left += width;
    }
    return top + 12;
  }

  const LineChart& chart_;
  Axis x_, y_;
  SvgDrawing out_;
};

}  // namespace

std::vector<size_t> thinned(const std::vector<double>& ys, size_t most) {
  std::vector<size_t> places;
  if (ys.size() <= most) {
    for (size_t i = 0; i < ys.size(); ++i) places.push_back(i);
    return places;
  }
  const size_t stretches = most / 2;
  for (size_t s = 0; s < stretches; ++s) {
    const size_t begin = s * ys.size() / stretches, end = (s + 1) * ys.size() / stretches;
    size_t low = begin, high = begin;
    for (size_t i = begin; i < end; ++i) {
      if (ys[i] < ys[low] || std::isnan(ys[low])) low = i;
      if (ys[i] > ys[high] || std::isnan(ys[high])) high = i;
    }
    places.push_back(std::min(low, high));
    if (low != high) places.push_back(std::max(low, high));
  }
  if (places.front() != 0) places.insert(places.begin(), 0);
  if (places.back() + 1 != ys.size()) places.push_back(ys.size() - 1);
  return places;
}

std::string line_chart_svg(const LineChart& chart) { return ChartDrawing(chart).svg(); }

}  // namespace recur
