#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::IsEmpty;
using testing::NanSensitiveFloatEq;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(LongTable, NotesNumbersThatAreTooSmall) {
  const SequenceSet set = sequences_of("a.csv", "t,x\n1,0\n2,1e-300\n3,2\n4,-1e-40\n");
  EXPECT_EQ(set.sequences[0].values[1], 0);
  EXPECT_THAT(set.notes, testing::Contains(testing::HasSubstr("a.csv:3: 2 values from here on are 0 or nearly so")));
  EXPECT_THAT(
      sequences_of("a.jsonl", R"({"x": [1e-60, 1]})").notes,
      testing::Contains(testing::HasSubstr("a.jsonl:1: 1 value from here on is 0 or nearly so, as it is below")));
}

TEST(LongTable, ReadsOneSeriesWithDates) {
  const SequenceSet set = sequences_of("a.csv", "\"date\",\"x\",\"y\"\n2020-01-01,1,10\n2020-01-02,2,20\n");
  ASSERT_EQ(set.size(), 1);
  EXPECT_THAT(channel_names(set), ElementsAre("x", "y"));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(1, 10, 2, 20));
  EXPECT_THAT(set.sequences[0].times, ElementsAre(1577836800, 1577923200));
  EXPECT_EQ(set.time_kind, TimeKind::kDate);
  EXPECT_EQ(set.columns.time, "date");
  EXPECT_THAT(set.notes, IsEmpty());
}

TEST(LongTable, AChannelThatMayBeLackingIsThenMissing) {
  const Columns columns = sequences_of("a.csv", "t,x,y\n1,5,50\n2,6,60\n").columns;
  const SequenceSet set = sequences_of("b.csv", "t,x\n1,7\n2,8\n", {.columns = columns, .may_lack = "y"});
  EXPECT_THAT(channel_names(set), ElementsAre("x", "y"));
  EXPECT_THAT(set.sequences[0].values, testing::Pointwise(NanSensitiveFloatEq(), {7.0f, kNan, 8.0f, kNan}));
  EXPECT_EQ(set.columns, columns);
  EXPECT_ERROR(sequences_of("b.csv", "t,y\n1,7\n", {.columns = columns, .may_lack = "y"}), "there is no column 'x'");
  EXPECT_ERROR(sequences_of("b.csv", "t,x\n1,7\n", {.columns = columns}), "there is no column 'y'");

  const Columns keys = sequences_of("a.jsonl", R"({"y": [1, 2], "x": [3, 4]})").columns;
  const SequenceSet lines = sequences_of("b.jsonl", R"({"x": [3, 4]})", {.columns = keys, .may_lack = "y"});
  EXPECT_THAT(lines.sequences[0].values, testing::Pointwise(NanSensitiveFloatEq(), {kNan, 3.0f, kNan, 4.0f}));
  EXPECT_ERROR(sequences_of("b.jsonl", R"({"z": [3, 4]})", {.columns = keys, .may_lack = "y"}), "there is no key");
}

// As spreadsheets leave them behind the last row.
TEST(LongTable, LeavesOutRowsWithoutAnyCell) {
  const SequenceSet set = sequences_of("a.csv", "time,x,y\n1,2,3\n2,,\n,,\n , ,\n");
  EXPECT_EQ(set.length(set.sequences[0]), 2);
  EXPECT_EQ(set.notes, (std::vector<std::string>{"a.csv:4: 2 rows are left out, without a value in any cell"}));
  EXPECT_ERROR(sequences_of("a.csv", "time,x,y\n1,2,3\n,5,\n"), "a.csv:3: column 1 ('time'): the time is missing");
}

TEST(LongTable, SplitsRowsByIdInOrderOfAppearance) {
  const SequenceSet set = sequences_of("a.csv", "id,t,x\nb,1,5\na,1,6\nb,2,7\na,3,8\n");
  EXPECT_THAT(ids(set), ElementsAre("b", "a"));
  EXPECT_THAT(set.sequences[0].values, ElementsAre(5, 7));
  EXPECT_THAT(set.sequences[1].times, ElementsAre(1, 3));
  EXPECT_EQ(set.where(set.sequences[1]), "a.csv:3");
}

TEST(LongTable, TakesMissingValuesInEveryForm) {
  const SequenceSet set = sequences_of("a.csv", "t,x\n1,\n2,NA\n3,nan\n4,?\n5,-9\n6,1.5\n7,null\n", {.missing = "-9"});
  EXPECT_THAT(set.sequences[0].values,
              testing::Pointwise(NanSensitiveFloatEq(), {kNan, kNan, kNan, kNan, kNan, 1.5F, kNan}));
}

TEST(LongTable, SortsChannelsByRole) {
  const SequenceSet set = sequences_of("a.csv", "t,price,sales,weather,extra\n1,2,3,4,5\n",
                                       {.columns = {.values = {"sales"}, .past = {"weather"}, .future = {"price"}}});
  EXPECT_THAT(channel_names(set), ElementsAre("sales", "weather", "price"));
  EXPECT_EQ(set.channels[1].role, ChannelRole::kPast);
  EXPECT_EQ(set.channels[2].role, ChannelRole::kFuture);
  EXPECT_THAT(set.sequences[0].values, ElementsAre(3, 4, 2));
  EXPECT_THAT(set.columns.ignored, ElementsAre("extra"));
}

TEST(LongTable, GivesLabelsToSequencesOrSteps) {
  const std::string text = "id,t,x,label\na,1,0,up\na,2,0,up\nb,1,0,down\nb,2,0,down\n";
  const SequenceSet whole = sequences_of("a.csv", text);
  EXPECT_THAT(labels(whole), ElementsAre("up", "down"));
  const SequenceSet steps = sequences_of("a.csv", text, {.columns = {.step_labels = {"label"}}});
  EXPECT_THAT(steps.step_classes, ElementsAre("up", "down"));
  EXPECT_THAT(steps.sequences[1].step_labels, ElementsAre(1, 1));
  const SequenceSet changing = sequences_of("a.csv", "t,x,label\n1,0,up\n2,0,\n3,0,down\n");
  EXPECT_THAT(changing.columns.step_labels, ElementsAre("label"));
  EXPECT_THAT(changing.sequences[0].step_labels, ElementsAre(0, -1, 1));
}

TEST(LongTable, KeepsTextThatNeverChangesAsStatic) {
  const SequenceSet set = sequences_of("a.csv", "id,t,x,region,wind\na,1,0,north,NW\na,2,0,north,SE\nb,1,0,south,NW\n");
  EXPECT_THAT(set.statics, ElementsAre("region"));
  EXPECT_THAT(set.sequences[1].statics, ElementsAre("south"));
  EXPECT_THAT(set.notes, ElementsAre("a.csv: column wind is left out: it is text"));
}

TEST(LongTable, SaysWhereTimeGoesBackOrRepeats) {
  EXPECT_ERROR(
      sequences_of("a.csv", "t,x\n1,0\n3,0\n2,0\n"),
      "a.csv:4: column 1 ('t'): the time 2 of sequence '1' lies before 3, that of the row before; sort the rows, or "
      "set sort_time; if they are of several series, set id_column to the column that identifies them");
  EXPECT_ERROR(sequences_of("a.csv", "t,x\n2020-01-01,0\n2020-01-01,0\n"),
               "a.csv:3: column 1 ('t'): times repeat: two rows have the time 2020-01-01; if the rows are of several "
               "series, set id_column to the column that identifies them; if not, set repeats to first, last or mean");
  EXPECT_ERROR(sequences_of("a.csv", "id,t,x\na,1,0\na,1,0\nb,1,0\n"),
               "sequence 'a' has the time 1 twice; set repeats to first, last or mean");
}

TEST(LongTable, SortsAndMergesWhereAsked) {
  const std::string text = "t,x,y\n3,1,1\n1,2,2\n3,5,NA\n2,3,3\n";
  SequenceOptions options{.columns = {.time = "t"}, .repeats = Repeats::kMean, .sort_time = true};
  const SequenceSet mean = sequences_of("a.csv", text, options);
  EXPECT_THAT(mean.sequences[0].times, ElementsAre(1, 2, 3));
  EXPECT_THAT(mean.sequences[0].values, ElementsAre(2, 2, 3, 3, 3, 1));
  EXPECT_THAT(mean.notes, ElementsAre("a.csv: 2 rows out of order were sorted by time",
                                      "a.csv: 1 value or row with a repeated time was merged (mean)"));
  options.repeats = Repeats::kFirst;
  EXPECT_THAT(sequences_of("a.csv", text, options).sequences[0].values, ElementsAre(2, 2, 3, 3, 1, 1));
  options.repeats = Repeats::kLast;
  EXPECT_THAT(sequences_of("a.csv", text, options).sequences[0].values, ElementsAre(2, 2, 3, 3, 5, 1));
  options.repeats = Repeats::kFail;
  EXPECT_ERROR(sequences_of("a.csv", text, options), "sequence '1' has the time 3 twice");
}

TEST(LongTable, NamesTheCellOfWhatIsNoNumber) {
  const std::string many = [] {
    std::string text = "t,x\n";
    for (int i = 0; i < 20; ++i) text += std::to_string(i) + ",1\n";
    return text;
  }();
  EXPECT_ERROR(sequences_of("a.csv", many + "20,oops\n"), "a.csv:22: column 2 ('x'): expected a number, got 'oops'");
  EXPECT_ERROR(sequences_of("a.csv", many + "20,inf\n"), "expected a number, got 'inf'");
  EXPECT_ERROR(sequences_of("a.csv", many + "20,1e39\n"), "'1e39' is beyond the range");
  EXPECT_ERROR(sequences_of("a.csv", many + "20\n"), "a.csv:22: expected 2 columns, got 1");
  EXPECT_ERROR(sequences_of("a.csv", many + "20,1,2\n"), "expected 2 columns, got 3");
  EXPECT_ERROR(sequences_of("a.csv", many + ",1\n"), "column 1 ('t'): the time is missing");
  EXPECT_ERROR(sequences_of("a.csv", many + "x,1\n"), "expected a time as a number, got 'x'");
}

TEST(LongTable, NamesTheCellOfABadIdLabelOrDate) {
  EXPECT_ERROR(sequences_of("a.csv", "id,t,x\na,1,0\n,2,0\na,3,0\n", {.columns = {.id = "id"}}),
               "a.csv:3: column 1 ('id'): the id is empty");
  EXPECT_ERROR(sequences_of("a.csv", "id,x,c\na,1,p\na,2,q\n", {.columns = {.id = "id", .labels = {"c"}}}),
               "a.csv:3: column 3 ('c'): the label of sequence 'a' was 'p' and is 'q' here");
  EXPECT_ERROR(sequences_of("a.csv", "d,x\n2020-01-01,1\n2020-02-30,2\n", {.columns = {.time = "d"}}),
               "expected a date such as 2016-07-01 12:00, got '2020-02-30'");
  EXPECT_ERROR(
      sequences_of("a.csv", "d,x\n01.02.2020,1\n1.x,2\n", {.columns = {.time = "d"}, .time_format = "%d.%m.%Y"}),
      "expected a date like %d.%m.%Y, got '1.x'");
}

TEST(LongTable, ReadsDatesByTheirFormat) {
  const SequenceSet set = sequences_of("a.csv", "d,x\n02-01-70,1\n03-01-70,2\n", {.time_format = "%d-%m-%y"});
  EXPECT_THAT(set.sequences[0].times, ElementsAre(86400, 172800));
}

TEST(LongTable, ReadsTheSameWayAgain) {
  const SequenceSet first = sequences_of("a.csv", "id,t,x,y,label\na,1,1,2,p\na,2,3,4,p\nb,1,5,6,q\nb,2,7,8,q\n");
  SequenceOptions again{.columns = Columns::from_text(first.columns.to_text()), .need_labels = false};
  const SequenceSet unlabelled = sequences_of("b.csv", "y,extra,t,x,id\n2,0,1,1,c\n", again);
  EXPECT_THAT(unlabelled.sequences[0].values, ElementsAre(1, 2));
  EXPECT_THAT(unlabelled.labels, IsEmpty());
  EXPECT_ERROR(sequences_of("b.csv", "id,t,x\nc,1,1\n", again), "b.csv: there is no column 'y'");
  again.need_labels = true;
  EXPECT_ERROR(sequences_of("b.csv", "id,t,x,y\nc,1,1,1\n", again), "b.csv: there is no column 'label'");
}

TEST(LongTable, TakesTrueAndFalseFor1And0WhereTheyAreDeclared) {
  const SequenceOptions options{.columns = {.values = {"y"}, .future = {"promo"}}};
  const SequenceSet set = sequences_of("a.csv", "t,y,promo\n1,5,True\n2,6,false\n3,7,\n", options);
  EXPECT_EQ(set.sequences[0].values[1], 1);
  EXPECT_EQ(set.sequences[0].values[3], 0);
  EXPECT_TRUE(std::isnan(set.sequences[0].values[5]));
  EXPECT_ERROR(sequences_of("a.csv", "t,y,promo\n1,True,1\n2,6,1\n", options), "expected a number, got 'True'");
}

TEST(LongTable, JoinsIdsOfSeveralColumns) {
  const SequenceSet set = sequences_of("a.csv", "t,s,i,x\n1,a,p,5\n1,a,q,6\n2,a,p,7\n", {.columns = {.id = "s,i"}});
  EXPECT_THAT(ids(set), ElementsAre("a/p", "a/q"));
  EXPECT_EQ(set.columns.id, "s,i");
}

TEST(LongTable, KeepsTheZoneOfItsTimes) {
  const SequenceSet set = sequences_of("a.csv", "t,x\n2020-01-01 00:00+02:00,5\n2020-01-02 00:00+02:00,6\n");
  EXPECT_EQ(set.time_zone, 7200);
  EXPECT_EQ(date_text(set.sequences[0].times[0], set.time_zone), "2020-01-01 00:00:00+02:00");
}

TEST(LongTable, ReadsLatin1WithANote) {
  const SequenceSet set = sequences_of("a.csv",
                                       "t,Temp \xB0"
                                       "C\n1,5\n2,6\n");
  EXPECT_EQ(set.channels[0].name,
            "Temp \xC2\xB0"
            "C");
  EXPECT_THAT(set.notes, testing::Contains("a.csv: 1 line is not UTF-8 and was read as Latin-1, the first is line 1"));
}

TEST(LongTable, RefusesWhatNoScaleHolds) {
  EXPECT_ERROR(sequences_of("a.csv", "t,x\n1,5\n2,-3.4e38\n3,6\n"), "'-3.4e38' is beyond the range of numbers here");
  const SequenceSet set = sequences_of("a.csv", "t,x\n1,5\n2,-3.4e38\n", {.missing = "-3.4e38"});
  EXPECT_TRUE(std::isnan(set.sequences[0].values[1]));
}

TEST(LongTable, KeepsTheDigitsOfHighValuesAndReadsThemTheSameWayAgain) {
  std::string text = "t,x\n";
  for (int i = 0; i < 30; ++i) text += fmt::format("{},{}\n", i, 100000000 + i % 7 * 0.25);
  const SequenceSet set = sequences_of("a.csv", text);
  EXPECT_NEAR(set.sequences[0].values[3] + set.channels[0].offset, 100000000.75, 1e-6);
  const SequenceSet later = sequences_of("b.csv", "t,x\n1,100000001.5\n", {.columns = set.columns});
  EXPECT_EQ(later.channels[0].offset, set.channels[0].offset);
  EXPECT_NEAR(later.sequences[0].values[0] + later.channels[0].offset, 100000001.5, 1e-6);
}

TEST(LongTable, HoldsNoMoreValuesThanAllowed) {
  EXPECT_ERROR(sequences_of("a.csv", "t,x,y\n1,2,3\n2,3,4\n", {.max_values = 3}), "a.csv: more than 3 values");
}

}  // namespace
}  // namespace recur
