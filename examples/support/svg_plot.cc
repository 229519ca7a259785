#include "examples/support/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace examples {
namespace {

// Pixels.
constexpr double kPanelWidth = 400, kPanelHeight = 270;              // of the plotted area
constexpr double kLeft = 72, kRight = 28, kTop = 104, kBottom = 58;  // around it
constexpr double kTick = 5;

std::string escape(const std::string& text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  return out;
}

struct TextStyle {
  const char* anchor = "start";
  int size = 13;
  const char* colour = "#333333";
  const char* extra = "";
};

std::string text(double x, double y, const std::string& content, const TextStyle& style) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\" fill=\"{}\"{}>{}</text>\n", x,
                     y, style.anchor, style.size, style.colour, style.extra, escape(content));
}

std::string line(double x1, double y1, double x2, double y2, const std::string& stroke) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, stroke);
}

std::string stroke_of(const std::string& colour, double width, bool dashed) {
  return fmt::format("stroke=\"{}\" stroke-width=\"{}\"{}", colour, width, dashed ? " stroke-dasharray=\"5 4\"" : "");
}

// "10" with the exponent raised.
std::string power_of_ten(double value) {
  static const char* const kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string label = "10";
  for (const char c : std::to_string(std::lround(std::log10(value)))) label += c == '-' ? "⁻" : kDigits[c - '0'];
  return label;
}

// "20,000"
std::string with_thousands(double value) {
  const std::string digits = fmt::format("{:g}", value);
  if (digits.find_first_not_of("0123456789") != std::string::npos) return digits;
  std::string label;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) label += ',';
    label += digits[i];
  }
  return label;
}

// Where a panel's numbers lie in the picture.
class Place {
 public:
  Place(const Panel& panel, double left) : panel_(panel), left_(left) {}

  double x(double value) const { return left_ + kPanelWidth * (value - panel_.x_min) / (panel_.x_max - panel_.x_min); }
  // Values far outside stay just outside: SVG readers have limits of their own.
  double y(double value) const {
    const auto scale = [&](double v) { return panel_.log_y ? std::log10(std::max(v, 1e-300)) : v; };
    const double low = scale(panel_.y_min), share = (scale(value) - low) / (scale(panel_.y_max) - low);
    return kTop + kPanelHeight * (1 - std::clamp(share, -1.0, 2.0));
  }
  double left() const { return left_; }
  double right() const { return left_ + kPanelWidth; }

 private:
  const Panel& panel_;
  double left_;
};

std::string axes(const Panel& panel, const Place& place) {
  const double bottom = kTop + kPanelHeight, middle = place.left() + kPanelWidth / 2;
  std::string svg;
  const std::vector<double> y_ticks =
      panel.log_y ? log_ticks(panel.y_min, panel.y_max, 7) : linear_ticks(panel.y_min, panel.y_max, 7);
  for (const double y : y_ticks) {
    svg += line(place.left(), place.y(y), place.right(), place.y(y), stroke_of("#e6e6e6", 1, false));
    svg += text(place.left() - kTick - 3, place.y(y) + 4.5, panel.log_y ? power_of_ten(y) : with_thousands(y),
                {.anchor = "end"});
  }
  for (const double x : linear_ticks(panel.x_min, panel.x_max, 6)) {
    svg += line(place.x(x), bottom, place.x(x), bottom + kTick, stroke_of("#333333", 1, false));
    svg += text(place.x(x), bottom + kTick + 15, with_thousands(x), {.anchor = "middle"});
  }
  svg += line(place.left(), bottom, place.right(), bottom, stroke_of("#333333", 1, false));
  svg += text(middle, bottom + 44, panel.x_label, {.anchor = "middle"});
  svg += text(place.left() - 8, kTop - 12, panel.y_label, {.colour = "#666666"});
  svg += text(place.left() - 8, kTop - 32, panel.title, {.size = 15, .extra = " font-weight=\"600\""});
  return svg;
}

std::string curve(const Curve& curve, const Place& place) {
  std::string points;
  for (size_t i = 0; i < std::min(curve.x.size(), curve.y.size()); ++i)
    if (std::isfinite(curve.y[i])) points += fmt::format("{:.1f},{:.1f} ", place.x(curve.x[i]), place.y(curve.y[i]));
  return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\" {}/>\n", points,
                     stroke_of(curve.colour, 2, curve.dashed));
}

std::string level(const Level& level, const Place& place) {
  const double y = place.y(level.y);
  return line(place.left(), y, place.right(), y, stroke_of("#888888", 1, true)) +
         text(place.right() - 2, y - 5, level.label, {.anchor = "end", .size = 12, .colour = "#666666"});
}

std::string panel(const Panel& panel, size_t index) {
  const Place place(panel, kLeft + static_cast<double>(index) * (kLeft + kPanelWidth + kRight));
  std::string svg = axes(panel, place);
  for (const Level& one : panel.levels) svg += level(one, place);
  svg += fmt::format(
      "<clipPath id=\"panel{}\"><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\"/></clipPath>\n"
      "<g clip-path=\"url(#panel{})\">\n",
      index, place.left(), kTop - 1, kPanelWidth + 1, kPanelHeight + 1, index);
  for (const Curve& one : panel.curves) svg += curve(one, place);
  return svg + "</g>\n";
}

// To the right of the figure's title, from the right edge.
std::string legend(const std::vector<LegendEntry>& entries, double width) {
  std::string svg;
  double x = width - kRight;
  for (size_t i = entries.size(); i-- > 0;) {
    const LegendEntry& entry = entries[i];
    x -= 7.2 * static_cast<double>(entry.label.size());
    svg += text(x, 32, entry.label, {});
    svg += line(x - 32, 27.5, x - 7, 27.5, stroke_of(entry.colour, 2.5, entry.dashed));
    x -= 50;
  }
  return svg;
}

}  // namespace

std::vector<double> linear_ticks(double low, double high, int most) {
  if (!(high > low)) return {};
  const double rough = (high - low) / std::max(1, most - 1), power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0})
    if (factor * power >= rough * (1 - 1e-9)) step = factor * power;
  std::vector<double> ticks;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i)
    ticks.push_back(i * step + 0.0);  // + 0: no "-0"
  return ticks;
}

std::vector<double> log_ticks(double low, double high, int most) {
  if (!(low > 0 && high > low)) return {};
  const int first = static_cast<int>(std::ceil(std::log10(low) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(high) + 1e-9));
  const int stride =
      std::max(1, (last - first) / std::max(1, most - 1) + ((last - first) % std::max(1, most - 1) != 0));
  std::vector<double> ticks;
  for (int exponent = last; exponent >= first; exponent -= stride) ticks.push_back(std::pow(10, exponent));
  std::reverse(ticks.begin(), ticks.end());
  return ticks;
}

std::string to_svg(const Figure& figure) {
  const double width = static_cast<double>(figure.panels.size()) * (kLeft + kPanelWidth + kRight);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n<rect width=\"{0}\" height=\"{1}\" "
      "fill=\"#ffffff\"/>\n",
      width, kTop + kPanelHeight + kBottom);
  svg += text(kLeft - 8, 33, figure.title, {.size = 18, .colour = "#111111", .extra = " font-weight=\"600\""});
  svg += legend(figure.legend, width);
  for (size_t i = 0; i < figure.panels.size(); ++i) svg += panel(figure.panels[i], i);
  return svg + "</svg>\n";
}

}  // namespace examples
