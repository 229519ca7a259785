#include "recur/tasks/forecast/forecast_rows.h"

#include <gtest/gtest.h>

#include "recur/base/error.h"
#include "tests/tasks/forecast/panel_of.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

Panel months() {
  return panel_of(sequences_of("m.csv", "date,y,z\n2020-01-31,1,5\n2020-02-29,2,6\n2020-03-31,3,7\n"),
                  data_options(2, 2));
}

TEST(QuantileLevels, AreNumbersBetweenZeroAndOne) {
  EXPECT_EQ(quantile_levels("0.1, 0.5,0.975"), (std::vector<double>{0.1, 0.5, 0.975}));
  for (const char* text : {"", "0", "1", "0.1,", "a", "0.5;0.6", "nan", "-0.1"}) {
    EXPECT_THROW(quantile_levels(text), UsageError) << text;
  }
}

TEST(RowTime, GoesOnBehindTheRows) {
  const Panel panel = months();
  EXPECT_EQ(row_time(panel, panel.series[0], 1), "2020-02-29");
  EXPECT_EQ(row_time(panel, panel.series[0], 3), "2020-04-30");
  EXPECT_EQ(row_time(panel, panel.series[0], 4), "2020-05-31");
}

TEST(ForecastRows, NameSeriesChannelAndTime) {
  const Panel panel = months();
  Kept rows;
  ForecastRows out(panel, {0.5}, false, rows);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"id", "channel", "step", "time", "mean", "q0.5"}));
  out.write({.series = 1, .origin = 3}, std::vector<float>{1, 2, 3, 5, 8, 8}, 2);
  ASSERT_EQ(rows.rows().size(), 2u);
  const auto& row = rows.rows()[1];
  EXPECT_EQ(std::get<std::string>(row[1]), "z");
  EXPECT_EQ(std::get<int64_t>(row[2]), 2);
  EXPECT_EQ(std::get<std::string>(row[3]), "2020-05-31");
  EXPECT_DOUBLE_EQ(std::get<double>(row[4]), 5);
  EXPECT_DOUBLE_EQ(std::get<double>(row[5]), 5);
}

TEST(ForecastRows, OfSamplesAreARowAPathAndStep) {
  const Panel panel = panel_of({"1, 2, 3"}, data_options(2, 2));
  Kept rows;
  ForecastRows out(panel, {}, true, rows);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"id", "step", "sample", "value"}));
  out.write({.series = 0, .origin = 3}, std::vector<float>{1, 2, 3, 4}, 2);
  ASSERT_EQ(rows.rows().size(), 4u);
  EXPECT_EQ(std::get<int64_t>(rows.rows()[2][1]), 1);
  EXPECT_EQ(std::get<int64_t>(rows.rows()[2][2]), 2);
  EXPECT_EQ(std::get<double>(rows.rows()[2][3]), 3);
}

}  // namespace
}  // namespace recur
