#include "recur/data/tables/joined_time.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace recur {
namespace {

std::string joined(const std::vector<std::string_view>& cells, const std::string& format) {
  const CellRules rules(TableOptions{.time_format = format});
  const auto date = joined_time(cells, rules);
  return date ? date_text(date->seconds, date->zone) : "none";
}

std::string joined(std::string_view day, std::string_view clock, const std::string& format = "") {
  return joined({day, clock}, format);
}

TEST(JoinedTime, IsTheDayAndTheTimeBehindIt) {
  EXPECT_EQ(joined("2004-03-10", " 18:00"), "2004-03-10 18:00:00");
  EXPECT_EQ(joined("10/03/2004", "18.30.05", "%d/%m/%Y"), "2004-03-10 18:30:05");
  EXPECT_EQ(joined("2004-03-10", "24:00"), "2004-03-11");
  EXPECT_EQ(joined("2004-03-10", "7"), "2004-03-10 07:00:00");
}

TEST(JoinedTime, IsReadByAFormatOfBoth) {
  EXPECT_EQ(joined("10/03/04", "6h30", "%d/%m/%y %Hh%M"), "2004-03-10 06:30:00");
  EXPECT_EQ(joined("10/03/04", "6:30", "%d/%m/%y %Hh%M"), "none");
}

TEST(JoinedTime, HasADirectiveForEachCell) {
  EXPECT_EQ(joined({"2004", " 3", "10 ", "18"}, "%Y %m %d %H"), "2004-03-10 18:00:00");
  EXPECT_EQ(joined("2004", "Mar", "%Y %b"), "2004-03-01");
  EXPECT_EQ(joined("2004", "4", "%Y %q"), "2004-10-01");
  EXPECT_EQ(joined("Mar 2004", "5", "%b %Y"), "2004-03-01 05:00:00");  // the format of the day
  EXPECT_EQ(joined({"2004", "3", "10", "24"}, "%Y %m %d %H"), "2004-03-11");
  EXPECT_EQ(joined({"2004", "13", "10"}, "%Y %m %d"), "none");
  EXPECT_EQ(joined({"2004", "3", "10"}, "%d.%m.%Y"), "none");
  EXPECT_TRUE(is_by_cells("%Y %m %d", 3));
  for (const char* other : {"", "%Y %m", "%Y %m %d %H", "%Y-%m-%d", "%Y %m.%d"}) EXPECT_FALSE(is_by_cells(other, 3));
}

TEST(JoinedTime, NeedsADayAndATimeOfDay) {
  EXPECT_EQ(joined("2004-03-10 01:00", "18:00"), "none");
  EXPECT_EQ(joined("10/03/2004", "18:00"), "none");
  EXPECT_EQ(joined("2004-03-10", "25:00"), "none");
  EXPECT_EQ(joined("2004-03-10", "18.5"), "none");
}

TEST(TimeOfDay, IsReadAsItIsWritten) {
  EXPECT_EQ(parse_time_of_day("17:24"), 17 * 3600 + 24 * 60);
  EXPECT_EQ(parse_time_of_day("7:24:05.5"), 7 * 3600 + 24 * 60 + 5.5);
  EXPECT_EQ(parse_time_of_day("17.24.05"), 17 * 3600 + 24 * 60 + 5);
  EXPECT_EQ(parse_time_of_day("12:30 AM"), 30 * 60);
  EXPECT_EQ(parse_time_of_day("1:30pm"), 13 * 3600 + 30 * 60);
  EXPECT_EQ(parse_time_of_day(" 17:24 "), 17 * 3600 + 24 * 60);
  EXPECT_EQ(parse_time_of_day("17:24:05Z"), 17 * 3600 + 24 * 60 + 5);
  EXPECT_EQ(parse_time_of_day("17h24"), 17 * 3600 + 24 * 60);
  for (const char* none : {"", "17:", "17:60", "17.24", "24:01", "13:00 pm", "17:24x", "123", "17h60", "17h2", "17h",
                           "7:24Z PM", "7h24 pm"}) {
    EXPECT_FALSE(parse_time_of_day(none)) << none;
  }
}

}  // namespace
}  // namespace recur
