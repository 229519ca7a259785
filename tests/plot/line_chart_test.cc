#include "recur/plot/line_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "recur/plot/count_matrix.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Thinned, KeepsEndsAndPeaks) {
  std::vector<double> ys(10000, 1.0);
  ys[5003] = 9;
  ys[777] = -9;
  const std::vector<size_t> places = thinned(ys, 400);
  EXPECT_LE(places.size(), 402u);
  EXPECT_TRUE(std::ranges::is_sorted(places));
  EXPECT_EQ(places.front(), 0u);
  EXPECT_EQ(places.back(), 9999u);
  for (const size_t peak : {5003u, 777u}) EXPECT_TRUE(std::ranges::count(places, peak) == 1);
  EXPECT_EQ(thinned({1, 2, 3}, 400).size(), 3u);
}

TEST(LineChart, DrawsWhatIsThere) {
  LineChart chart{.title = "Loss & <more>", .x_label = "step", .y_label = "", .curves = {}};
  chart.curves.push_back({.name = "one", .xs = {1, 2, 3}, .ys = {1, std::nan(""), 3}});
  std::string svg = line_chart_svg(chart);
  EXPECT_THAT(svg, HasSubstr("Loss &amp; &lt;more&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr(">one<")));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  chart.curves.push_back({.name = "two", .xs = {1}, .ys = {2}});
  svg = line_chart_svg(chart);
  EXPECT_THAT(svg, HasSubstr(">one<"));
  // Curves without a width, a height or a single finite value.
  for (const double y : {5.0, std::nan(""), HUGE_VAL}) {
    const LineChart flat{
        .title = "", .x_label = "", .y_label = "", .curves = {{.name = "", .xs = {1, 1}, .ys = {y, y}}}};
    EXPECT_THAT(line_chart_svg(flat), Not(HasSubstr("nan"))) << y;
  }
}

TEST(CountMatrix, ColoursRowsByTheirShares) {
  const CountMatrix matrix{.title = "Confusion",
                           .row_label = "actual",
                           .column_label = "predicted",
                           .names = {"a class with a long name", "b"},
                           .counts = {{9, 1}, {0, 0}}};
  const std::string svg = count_matrix_svg(matrix);
  EXPECT_THAT(svg, HasSubstr("a class with a…"));
  EXPECT_THAT(svg, HasSubstr("actual a class with a long name, predicted b: 1"));
}

}  // namespace
}  // namespace recur
