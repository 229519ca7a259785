// Line plots as an SVG picture: panels side by side, each with axes, ticks, a title and curves, and one legend for all.
#pragma once

#include <string>
#include <vector>

namespace examples {

struct Curve {
  std::string colour = "";  // as SVG names it: "#0072b2"
  std::vector<double> x = {}, y = {};
  bool dashed = false;
};

// A level to hold the curves against, drawn as a thin line across the panel with its label on it.
struct Level {
  double y = 0;
  std::string label = "";
};

struct Panel {
  std::string title = "", x_label = "", y_label = "";
  double x_min = 0, x_max = 1;
  double y_min = 0, y_max = 1;  // above 0 when log_y; what lies outside is cut off
  bool log_y = false;
  std::vector<Curve> curves = {};
  std::vector<Level> levels = {};
};

struct LegendEntry {
  std::string label = "", colour = "";
  bool dashed = false;
};

struct Figure {
  std::string title;
  std::vector<LegendEntry> legend = {};
  std::vector<Panel> panels = {};
};

std::string to_svg(const Figure& figure);

// Round numbers from `low` to `high`, at most `most` of them: 1, 2 or 5 times a power of ten apart.
std::vector<double> linear_ticks(double low, double high, int most);
// Powers of ten within [low, high], at most `most` (2 or more) of them, evenly apart.
std::vector<double> log_ticks(double low, double high, int most);

}  // namespace examples
