#include "recur/tasks/series_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

SequenceSet set_of(const std::vector<std::string>& channels, std::vector<std::string> statics = {}) {
  SequenceSet set;
  for (const std::string& name : channels) set.channels.push_back({.name = name});
  set.statics = std::move(statics);
  set.files = {"a.csv", "b.csv"};
  return set;
}

TEST(SeriesColumns, ChannelsAreNamedInTheirOrderWhateverTheirRole) {
  SequenceSet set = set_of({"y", "a", "z"});
  set.channels[1].role = ChannelRole::kPast;
  EXPECT_THAT(channel_names(set), ElementsAre("y", "a", "z"));
  EXPECT_THAT(channel_names({}), IsEmpty());
}

TEST(SeriesColumns, TheSameColumnsPass) {
  EXPECT_NO_THROW(check_same_columns(set_of({"x", "y"}, {"age"}), {"x", "y"}, {"age"}));
  EXPECT_NO_THROW(check_same_columns({}, {}, {}));
}

TEST(SeriesColumns, NamesTheFilesAndBothSidesOfADifference) {
  const std::string files = "a.csv, b.csv: expected the channels of the model, x, y, got ";
  EXPECT_ERROR(check_same_columns(set_of({"x"}), {"x", "y"}, {}), files + "x");
  EXPECT_ERROR(check_same_columns(set_of({"y", "x"}), {"x", "y"}, {}),
               files + "y, x");  // another order is another input
  EXPECT_ERROR(check_same_columns(set_of({"x", "y", "z"}), {"x", "y"}, {}), files + "x, y, z");
  EXPECT_ERROR(check_same_columns(set_of({"x", "y"}, {"sex"}), {"x", "y"}, {"age"}),
               "a.csv, b.csv: expected the static columns of the model, age, got sex");
  EXPECT_ERROR(check_same_columns(set_of({"x", "y"}, {"age"}), {"x", "y"}, {}), "expected the static columns");
}

}  // namespace
}  // namespace recur
