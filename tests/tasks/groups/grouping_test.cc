#include "recur/tasks/groups/grouping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur {
namespace {

using ::testing::ElementsAre;

Grouping by(const std::string& name, const std::vector<std::string>& cells) { return group_by(name, cells); }

TEST(Grouping, BandsOfNumbersComeByTheirEdges) {
  EXPECT_THAT(by("age", {">= 45", "25 .. 45", "< 25", ""}).groups, ElementsAre("< 25", "25 .. 45", ">= 45"));
  EXPECT_THAT(by("x", {">= 1", "-0.5 .. 0.25", "0.25 .. 1", "-3 .. -0.5", "< -3"}).groups,
              ElementsAre("< -3", "-3 .. -0.5", "-0.5 .. 0.25", "0.25 .. 1", ">= 1"));
  EXPECT_THAT(by("place", {"b10", "b9", "a"}).groups, ElementsAre("a", "b9", "b10"));
}

TEST(Grouping, IntersectionsAreToldApartByTheirParts) {
  const std::vector<Grouping> both{by("of", {"x", "x & y", "x", ""}), by("by", {"y & z", "z", "", "z"})};
  const Grouping found = intersection(both);
  EXPECT_EQ(found.name, "of & by");
  EXPECT_THAT(found.group_of, ElementsAre(0, 1, -1, -1));
  EXPECT_THAT(found.groups, ElementsAre("x & 'y & z'", "'x & y' & z"));
}

TEST(Grouping, IntersectionsKeepTheOrderOfTheirParts) {
  const std::vector<Grouping> both{by("age", {">= 9", "< 9", "< 9"}), by("sex", {"f", "m", "f"})};
  EXPECT_THAT(intersection(both).groups, ElementsAre("< 9 & f", "< 9 & m", ">= 9 & f"));
}

}  // namespace
}  // namespace recur
