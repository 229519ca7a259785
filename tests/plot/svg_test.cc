#include "recur/plot/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Svg, EscapesWhatXmlReads) { EXPECT_EQ(svg_escaped("<a href=\"b\">&\n"), "&lt;a href=&quot;b&quot;&gt;&amp;"); }

TEST(Svg, TicksAreRoundAndWithinTheRange) {
  EXPECT_THAT(round_ticks(0, 10), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(round_ticks(-1.2, 1.2), ElementsAre(-1, -0.5, 0, 0.5, 1));
}

TEST(Svg, ColoursGoFromBlueOverWhiteToRed) {
  EXPECT_EQ(diverging_colour(-1), "#2166ac");
  EXPECT_EQ(diverging_colour(0), "#ffffff");
  EXPECT_EQ(diverging_colour(1), "#b2182b");
  EXPECT_EQ(diverging_colour(7), diverging_colour(1));
  EXPECT_EQ(diverging_colour(std::numeric_limits<double>::quiet_NaN()), diverging_colour(0));
  EXPECT_TRUE(is_dark(-0.9) && is_dark(0.9) && !is_dark(0.2));
}

TEST(Svg, ADrawingIsOnePictureWithATitle) {
  SvgDrawing drawing;
  drawing.rect(1, 2, 3, 4, "#ff0000", "a < b");
  drawing.text(0, 10, "5 & 6", "middle", "font-size=\"9\"");
  const std::string svg = drawing.svg(20, 30, "all");
  EXPECT_THAT(svg, HasSubstr("viewBox=\"0 0 20 30\""));
  EXPECT_THAT(svg, HasSubstr("<title>all</title>"));
  EXPECT_THAT(svg, HasSubstr("fill=\"#ff0000\"><title>a &lt; b</title></rect>"));
  EXPECT_THAT(svg, HasSubstr("font-size=\"9\">5 &amp; 6</text>"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(Svg, AMissingValueBreaksALine) {
  SvgDrawing drawing;
  const double missing = std::numeric_limits<double>::quiet_NaN();
  const double xs[] = {0, 1, 2, 3}, ys[] = {5, missing, 6, 7};
  drawing.path(xs, ys, kInk, 1);
  EXPECT_THAT(drawing.body(), HasSubstr("d=\"M0.0 5.0M2.0 6.0L3.0 7.0\""));
  EXPECT_THAT(drawing.body(), Not(HasSubstr("nan")));
}

TEST(Svg, WideTextsAreWider) {
  EXPECT_GT(text_width("mmm"), text_width("aaa"));
  EXPECT_EQ(text_width("é"), text_width("e"));
}

}  // namespace
}  // namespace recur
