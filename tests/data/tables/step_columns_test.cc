#include "recur/data/tables/step_columns.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace recur::internal {
namespace {

std::string found(const std::vector<std::string>& before, const std::string& pattern, int count,
                  const std::vector<std::string>& behind = {}) {
  std::vector<std::string> names = before;
  for (int i = 1; i <= count; ++i) names.push_back(fmt::format(fmt::runtime(pattern), i));
  names.insert(names.end(), behind.begin(), behind.end());
  const auto steps = find_step_columns(names);
  return steps ? fmt::format("{}-{}", steps->first, steps->last) : "none";
}

TEST(StepColumns, AreMostColumnsAndNumberedOrCalledByDates) {
  EXPECT_EQ(found({"id", "age"}, "t{}", 8, {"target"}), "2-9");
  EXPECT_EQ(found({}, "{}", 9), "0-8");
  EXPECT_EQ(found({"country"}, "199{}", 9), "1-9");
  EXPECT_EQ(found({"page"}, "2020-01-{:02}", 20), "1-20");
  EXPECT_EQ(found({"page", "2020-01-30", "2020-01-31"}, "2020-02-{:02}", 6), "1-8");
  EXPECT_EQ(found({}, "t{}", 7), "none");
  EXPECT_EQ(found({"a", "b", "c", "d", "e", "f", "g", "h"}, "t{}", 8), "none");
}

TEST(StepColumns, AreCalledByDatesOfUsualFormats) {
  EXPECT_EQ(found({"Province", "Country"}, "1/{}/20", 20), "2-21");
  const auto format_of = [](const std::vector<std::string>& names, const std::string& stated = "") {
    const auto steps = find_step_columns(names, stated);
    return steps ? fmt::format("{}", fmt::join(steps->formats, " ")) : "none";
  };
  std::vector<std::string> days, months, either, compact;
  for (int i = 1; i <= 20; ++i) {
    days.push_back(fmt::format("{}/1/20", i));
    months.push_back(fmt::format("{}/{}/20", 1 + i / 28, 1 + i % 28));
    compact.push_back(fmt::format("202001{:02}", i));
    if (i <= 12) either.push_back(fmt::format("{}/1/20", i));
  }
  EXPECT_EQ(format_of(days), "%d/%m/%y");
  EXPECT_EQ(format_of(months), "%m/%d/%y");
  EXPECT_EQ(format_of(compact), "%Y%m%d");
  EXPECT_EQ(format_of(either), "%m/%d/%y %d/%m/%y");
  EXPECT_EQ(format_of(either, "%d/%m/%y"), "%d/%m/%y");
}

}  // namespace
}  // namespace recur::internal
