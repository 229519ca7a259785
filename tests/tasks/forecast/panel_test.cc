#include "recur/tasks/forecast/panel.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/error.h"
#include "tests/tasks/forecast/panel_of.h"

namespace recur {
namespace {

using namespace testing;

constexpr const char* kTable =
    "id,time,y,sales,holiday,region\n"
    "a,2020-01-01,1,5,0,north\n"
    "a,2020-01-02,2,6,1,north\n"
    "a,2020-01-04,4,8,0,north\n"
    "a,2020-01-05,,9,1,north\n"
    "b,2020-01-01,10,5,0,south\n"
    "b,2020-01-02,20,6,1,south\n";

SequenceSet table(const std::string& text = kTable) {
  SequenceOptions how;
  how.columns = {.layout = Layout::kLong, .id = "id", .time = "time", .values = {"y"}, .past = {"sales"}};
  how.columns.future = {"holiday"};
  how.columns.statics = {"region"};
  return sequences_of("a.csv", text, how);
}

TEST(FillTimeGaps, PutsInTheDaysThatAreNotThere) {
  SequenceSet set = table();
  fill_time_gaps(set);
  ASSERT_EQ(set.length(set.sequences[0]), 5);
  EXPECT_TRUE(std::isnan(set.step(set.sequences[0], 2)[0]));
  EXPECT_EQ(set.step(set.sequences[0], 3)[0], 4);
  EXPECT_EQ(set.length(set.sequences[1]), 2);
  EXPECT_EQ(set.notes.back(), "1 row is missing from evenly spaced times and was inserted as missing values");
}

TEST(FillTimeGaps, KnowsThatMonthsDiffer) {
  SequenceSet set = sequences_of("m.csv",
                                 "date,y\n2020-01-31,1\n2020-02-29,2\n2020-03-31,3\n2020-05-31,5\n2020-06-30,6\n"
                                 "2020-07-31,7\n");
  fill_time_gaps(set);
  EXPECT_EQ(set.length(set.sequences[0]), 7);
  EXPECT_TRUE(std::isnan(set.sequences[0].values[3]));
}

TEST(FillTimeGaps, LeavesUnevenTimesAndSaysSo) {
  SequenceSet set = sequences_of("u.csv", "time,y\n1,1\n2,2\n3,3\n4.5,4\n5.5,5\n6.5,6\n");
  fill_time_gaps(set);
  EXPECT_EQ(set.length(set.sequences[0]), 6);
  EXPECT_EQ(set.notes.back(), "times are not evenly spaced: each row is taken as one step");
}

TEST(PanelEncoder, GivesEachRoleItsPlace) {
  SequenceSet set = table();
  fill_time_gaps(set);
  const Panel panel = panel_of(set, data_options(2, 4));
  ASSERT_EQ(panel.series.size(), 2u);
  EXPECT_EQ(panel.series[0].values.size(), 4u);  // the last row is of the future
  EXPECT_EQ(panel.groups[0].rows, 5);
  EXPECT_EQ(panel.past_features, 1);
  EXPECT_EQ(panel.ahead_features, 1);  // holiday; four days show no cycle of the calendar
  EXPECT_TRUE(panel.needs_future);
  EXPECT_EQ(panel.groups[0].ahead.size(), (5u + 2) * 1);
  EXPECT_EQ(panel.groups[0].statics, (std::vector<float>{1, 0}));
  EXPECT_EQ(panel.groups[1].statics, (std::vector<float>{0, 1}));
  EXPECT_EQ(panel.name(panel.series[1]), "b");
  // Scaled by the training part: mean 0.
  float sum = 0;
  for (const PanelGroup& group : panel.groups) {
    for (int64_t t = 0; t < group.known; ++t) sum += group.past[t];
  }
  EXPECT_NEAR(sum, 0, 1e-5);
}

TEST(PanelEncoder, ReadsLaterDataAsItsAssetsSay) {
  const SequenceSet set = table();
  ForecastDataOptions options = data_options(2, 4);
  options.identity = "series";
  options.scaler = "standard";
  const PanelEncoder fitted = PanelEncoder::fit(set, whole(set), options);
  const PanelEncoder loaded(fitted.assets(), options);
  const Panel a = fitted.encode(set), b = loaded.encode(set);
  EXPECT_EQ(a.groups[0].ahead, b.groups[0].ahead);
  EXPECT_EQ(a.groups[1].past, b.groups[1].past);
  EXPECT_EQ(b.series[1].identity, 2);
  EXPECT_EQ(a.series[1].scale, b.series[1].scale);
  EXPECT_EQ(b.series[1].scale->shift, 15);
  EXPECT_EQ(loaded.identities(), 3);

  std::string other = kTable;
  other.replace(other.find("b,2020-01-01"), 1, "c");
  other.replace(other.find("b,2020-01-02"), 1, "c");
  const Panel unknown = loaded.encode(table(other));
  EXPECT_EQ(unknown.series[1].identity, 0);
  EXPECT_FALSE(unknown.series[1].scale.has_value());
}

TEST(PanelEncoder, RefusesOtherColumnsAndBrokenAssets) {
  const SequenceSet set = table();
  const ForecastDataOptions options = data_options(2, 4);
  const PanelEncoder encoder = PanelEncoder::fit(set, whole(set), options);
  EXPECT_THROW((void)encoder.encode(sequences_of("b.csv", "time,z\n1,1\n2,2\n")), Error);
  for (const auto& [name, text] : encoder.assets()) {
    Assets broken = encoder.assets();
    broken[name] = text.substr(0, text.size() / 2);
    EXPECT_THROW(PanelEncoder(broken, options), Error) << name;
    broken.erase(name);
    EXPECT_THROW(PanelEncoder(broken, options), Error) << name;
  }
}

TEST(JoinHistory, GoesOnWithTheSeriesOfTheSameId) {
  const SequenceSet joined = join_history(sequences_of("h.csv", "id,time,y\na,1,1\na,2,2\nb,1,5\nb,2,6\n"),
                                          sequences_of("d.csv", "id,time,y\nb,3,7\nb,4,8\nc,1,9\nc,2,9\n"));
  ASSERT_EQ(joined.size(), 2);
  EXPECT_EQ(joined.sequences[0].values, (std::vector<float>{5, 6, 7, 8}));
  EXPECT_EQ(joined.sequences[1].values, (std::vector<float>{9, 9}));
}

TEST(JoinHistory, RefusesTimesThatGoBackAndOtherColumns) {
  const auto history = [] { return sequences_of("h.csv", "id,time,y\na,1,1\na,2,2\nb,1,5\nb,2,6\n"); };
  EXPECT_THROW(join_history(history(), sequences_of("d.csv", "id,time,y\nb,2,7\nb,3,8\nc,1,9\nc,2,9\n")), Error);
  EXPECT_THROW(join_history(history(), sequences_of("d.csv", "id,time,z\nb,3,7\nb,4,8\nc,1,9\nc,2,9\n")), Error);
}

}  // namespace
}  // namespace recur
