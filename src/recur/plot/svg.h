// Pictures as SVG, written by hand: shapes, texts, axes and colours. Knows nothing of what is drawn.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// The colours that all pictures share.
inline constexpr const char* kInk = "#333333";
inline constexpr const char* kPale = "#e6e6e6";
inline constexpr const char* kMarked = "#08519c";

// A text as XML takes it; control characters are left out.
std::string svg_escaped(std::string_view text);

// About five round numbers in [low, high], low < high: 1, 2 or 5 times a power of ten apart.
std::vector<double> round_ticks(double low, double high);

// A colour for a number in [-1, 1]: blue below 0, white at 0, red above, as ColorBrewer's RdBu (Harrower and Brewer
// 2003), which people who cannot tell red from green can read.
std::string diverging_colour(double share);
// Whether dark text on that colour is hard to read.
bool is_dark(double share);

// A picture that grows as things are drawn on it. Coordinates are pixels from the upper left corner.
class SvgDrawing {
 public:
  void rect(double x, double y, double width, double height, std::string_view fill, std::string_view title = "");
  void line(double x1, double y1, double x2, double y2, std::string_view colour, std::string_view dashes = "");
  // anchor: "start", "middle", "end". `style`: attributes, such as font-weight="600".
  void text(double x, double y, std::string_view content, std::string_view anchor = "start",
            std::string_view style = "");
  void polygon(std::span<const double> xs, std::span<const double> ys, std::string_view fill);
  // A point whose y is not finite breaks the line.
  void path(std::span<const double> xs, std::span<const double> ys, std::string_view colour, double width,
            std::string_view dashes = "");

  // Shapes and texts alone, to be put into another drawing.
  const std::string& body() const { return body_; }
  void add(std::string_view elements) { body_ += elements; }  // well-formed SVG, such as another drawing's body
  // The whole picture, `title` being what it is called to people who cannot see it.
  std::string svg(double width, double height, std::string_view title = "") const;

 private:
  std::string body_;
};

// About how wide a text is in a sans-serif font of 12 pixels.
double text_width(std::string_view utf8);

}  // namespace recur
