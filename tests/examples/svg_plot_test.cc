#include "examples/support/svg_plot.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace examples {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Figure one_panel(const Panel& panel) { return {.title = "A figure", .legend = {}, .panels = {panel}}; }

TEST(SvgPlot, LinearTicksAreRoundNumbers) {
  EXPECT_THAT(linear_ticks(0, 200, 6), ElementsAre(0, 50, 100, 150, 200));
  EXPECT_THAT(linear_ticks(0, 20000, 6), ElementsAre(0, 5000, 10000, 15000, 20000));
  EXPECT_THAT(linear_ticks(-3, 7, 6), ElementsAre(-2, 0, 2, 4, 6));
  EXPECT_THAT(linear_ticks(1, 1, 6), IsEmpty());
}

TEST(SvgPlot, LogTicksArePowersOfTenWithinTheRange) {
  EXPECT_THAT(log_ticks(1e-2, 10, 7), ElementsAre(std::pow(10, -2), 0.1, 1, 10));
  EXPECT_EQ(log_ticks(1e-20, 100, 7).size(), 6);  // every fourth
  EXPECT_THAT(log_ticks(0, 1, 7), IsEmpty());
  for (int most = 2; most < 9; ++most) EXPECT_LE(log_ticks(1e-9, 10, most).size(), most + 0u) << most;
}

TEST(SvgPlot, NumbersOnAxesReadWell) {
  const std::string svg = to_svg(one_panel({.x_max = 20000}));
  EXPECT_THAT(svg, HasSubstr(">5,000</text>"));
  EXPECT_THAT(svg, HasSubstr(">0.2</text>"));
  EXPECT_THAT(to_svg(one_panel({.x_min = -0.2})), Not(HasSubstr(">-0</text>")));
}

TEST(SvgPlot, CurvesGoFromCornerToCorner) {
  const std::string svg =
      to_svg(one_panel({.x_max = 10, .curves = {{.colour = "#123456", .x = {0, 10}, .y = {0, 1}}}}));
  EXPECT_THAT(svg, HasSubstr("points=\"72.0,374.0 472.0,104.0 \""));
  EXPECT_THAT(svg, HasSubstr("#123456"));
}

TEST(SvgPlot, ValuesBeyondALogarithmicAxisStayNumbers) {
  const double infinite = std::numeric_limits<double>::infinity();
  const std::string svg = to_svg(one_panel({.y_min = 1e-3,
                                            .log_y = true,
                                            .curves = {{.x = {0, 0.5, 0.7, 1}, .y = {0, -1, infinite, 1e-300}}},
                                            .levels = {{0.1, "a level"}}}));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_THAT(svg, HasSubstr("10⁻³"));
  EXPECT_THAT(svg, HasSubstr("a level"));
}

TEST(SvgPlot, TextIsEscaped) {
  const std::string svg = to_svg({.title = "a < b & c", .legend = {{"x > y", "#000000"}}, .panels = {Panel{}}});
  EXPECT_THAT(svg, HasSubstr("a &lt; b &amp; c"));
  EXPECT_THAT(svg, HasSubstr("x &gt; y"));
}

}  // namespace
}  // namespace examples
