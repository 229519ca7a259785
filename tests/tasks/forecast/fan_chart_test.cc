#include "recur/tasks/forecast/fan_chart.h"

#include <gtest/gtest.h>

#include <limits>

namespace recur {
namespace {

int64_t count(const std::string& text, const std::string& part) {
  int64_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

FanPanel panel(std::string title, std::vector<float> paths) {
  return {
      .title = std::move(title), .past = {1, 2, 3}, .paths = std::move(paths), .horizon = 2, .begin = "1", .end = "5"};
}

TEST(FanChart, DrawsBandsAroundTheMedianOfEachSeries) {
  const std::vector<FanPanel> panels{panel("a", {3, 3, 4, 4, 5, 5}), panel("b", {1, 2, 3, 4, 5, 6})};
  const std::string svg = fan_chart_svg(panels);
  EXPECT_EQ(count(svg, "<polygon"), 2 * 3);
  EXPECT_EQ(count(svg, "<path"), 2 * 2);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(FanChart, OfAPointHasNoBands) {
  const std::vector<FanPanel> panels{panel("a", {3, 4})};
  EXPECT_EQ(count(fan_chart_svg(panels), "<polygon"), 0);
}

TEST(FanChart, EscapesNames) {
  const std::vector<FanPanel> panels{panel("<script>&", {3, 4})};
  EXPECT_EQ(count(fan_chart_svg(panels), "<script>"), 0);
  EXPECT_EQ(count(fan_chart_svg(panels), "&lt;script&gt;&amp;"), 1);
}

TEST(FanChart, DrawsFlatMissingAndHugeSeriesWithFiniteNumbers) {
  const float missing = std::numeric_limits<float>::quiet_NaN();
  std::vector<FanPanel> panels{panel("flat", {3, 3}), panel("gaps", {3, 4}), panel("huge", {1e38f, -1e38f})};
  panels[0].past = {3, 3, 3};
  panels[1].past = {1, missing, 2, missing};
  panels[2].past = {};
  const std::string svg = fan_chart_svg(panels);
  EXPECT_EQ(count(svg, "nan") + count(svg, "inf"), 0);
  EXPECT_EQ(count(svg, "M"), 2 + 3 + 1);
}

}  // namespace
}  // namespace recur
