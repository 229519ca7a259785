#include "recur/plot/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace recur {
namespace {

struct Colour {
  double red, green, blue;
};

// From blue over white to red.
constexpr std::array<Colour, 7> kScale{{{33, 102, 172},
                                        {103, 169, 207},
                                        {209, 229, 240},
                                        {255, 255, 255},
                                        {253, 219, 199},
                                        {239, 138, 98},
                                        {178, 24, 43}}};

double mixed(double a, double b, double share) { return a + (b - a) * share; }

}  // namespace

std::string svg_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) >= ' ')
      out += c;
  }
  return out;
}

std::vector<double> round_ticks(double low, double high) {
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

std::string diverging_colour(double share) {
  const double place = (std::clamp(std::isfinite(share) ? share : 0, -1.0, 1.0) + 1) / 2 * (kScale.size() - 1);
  const auto below = std::min(static_cast<size_t>(place), kScale.size() - 2);
  const double part = place - static_cast<double>(below);
  const Colour &a = kScale[below], &b = kScale[below + 1];
  return fmt::format("#{:02x}{:02x}{:02x}", static_cast<int>(std::lround(mixed(a.red, b.red, part))),
                     static_cast<int>(std::lround(mixed(a.green, b.green, part))),
                     static_cast<int>(std::lround(mixed(a.blue, b.blue, part))));
}

bool is_dark(double share) {
  constexpr double kDark = 0.75;
  return std::abs(share) > kDark;
}

void SvgDrawing::rect(double x, double y, double width, double height, std::string_view fill, std::string_view title) {
  body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"", x, y, width,
                       height, fill);
  body_ += title.empty() ? "/>\n" : fmt::format("><title>{}</title></rect>\n", svg_escaped(title));
}

void SvgDrawing::line(double x1, double y1, double x2, double y2, std::string_view colour, std::string_view dashes) {
  body_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"", x1, y1, x2, y2,
                       colour);
  body_ += dashes.empty() ? "/>\n" : fmt::format(" stroke-dasharray=\"{}\"/>\n", dashes);
}

void SvgDrawing::text(double x, double y, std::string_view content, std::string_view anchor, std::string_view style) {
  const bool coloured = style.find("fill=") != std::string_view::npos;
  body_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}{}{}>{}</text>\n", x, y, anchor,
                       coloured ? "" : fmt::format(" fill=\"{}\"", kInk), style.empty() ? "" : " ", style,
                       svg_escaped(content));
}

void SvgDrawing::polygon(std::span<const double> xs, std::span<const double> ys, std::string_view fill) {
  std::string points;
  for (size_t i = 0; i < xs.size(); ++i) points += fmt::format("{:.1f},{:.1f} ", xs[i], ys[i]);
  body_ += fmt::format("<polygon points=\"{}\" fill=\"{}\"/>\n", points, fill);
}

void SvgDrawing::path(std::span<const double> xs, std::span<const double> ys, std::string_view colour, double width,
                      std::string_view dashes) {
  std::string path;
  bool pen_down = false;
  for (size_t i = 0; i < xs.size(); ++i) {
    const bool known = std::isfinite(ys[i]);
    if (known) path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", xs[i], ys[i]);
    pen_down = known;
  }
  body_ += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{} stroke-linejoin=\"round\"/>\n",
                       path, colour, width, dashes.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dashes));
}

std::string SvgDrawing::svg(double width, double height, std::string_view title) const {
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n",
      width, height);
  if (!title.empty()) out += fmt::format("<title>{}</title>\n", svg_escaped(title));
  return out + "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n" + body_ + "</svg>\n";
}

double text_width(std::string_view utf8) {
  constexpr double kNarrow = 4.2, kUsual = 7.4, kWide = 11;
  double width = 0;
  for (const char c : utf8) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;  // within a code point
    constexpr std::string_view kThin = "iljtfrI.,:;'|!()[] ", kBroad = "mwMW@%";
    width += kThin.find(c) != std::string_view::npos    ? kNarrow
             : kBroad.find(c) != std::string_view::npos ? kWide
                                                        : kUsual;
  }
  return width;
}

}  // namespace recur
