// Curves over one axis: losses over steps, true over false positive rates.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace recur {

struct Curve {
  std::string name;
  std::vector<double> xs, ys;  // as many; a y that is not finite breaks the line
};

struct LineChart {
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
  // Of the axes; without, what the curves need.
  std::optional<double> x_low = {}, x_high = {}, y_low = {}, y_high = {};
  bool legend = false;              // even of a single curve
  bool diagonal = false;            // a dashed line from the lower left to the upper right corner
  std::optional<double> mark = {};  // a dashed line at this x
  std::string mark_label = {};
};

// Curves differ in colour and, beyond eight, in dashes. Of a curve more than 400 points are thinned out: of each
// stretch its lowest and highest point stay, so that peaks do.
std::string line_chart_svg(const LineChart& chart);

// The places of the points that stay, ascending; all if there are at most `most`.
std::vector<size_t> thinned(const std::vector<double>& ys, size_t most);

}  // namespace recur
