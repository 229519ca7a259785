#include "recur/data/tables/guess_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Columns guess(std::string text, const SequenceOptions& options = {}) {
  const OpenTable table = open_csv(DataFile::from_memory("a.csv", std::move(text)), options);
  return guess_columns(table.head, options, "a.csv").columns;
}

TEST(GuessColumns, TakesTimeByNameOrContents) {
  EXPECT_EQ(guess("x,timestamp\n1,5\n2,6\n").time, "timestamp");
  EXPECT_EQ(guess("x,when\n1,2020-01\n2,2020-02\n").time, "when");
  EXPECT_EQ(guess(",0\n1821,269\n1822,321\n1823,585\n").time, "#1");
  EXPECT_EQ(guess("2020-01-01,5\n2020-01-02,6\n").time, "#1");
}

TEST(GuessColumns, TakesWhatCountsInEverySequenceForTheTime) {
  EXPECT_EQ(guess("clip,frame,x\na,0,5\na,1,6\nb,0,7\nb,1,8\n").time, "frame");
  EXPECT_EQ(guess("frame,clip,x\n0,a,5\n2,a,6\n6,b,7\n8,b,8\n").time, "frame");
  EXPECT_EQ(guess("clip,frame,x\na,0,5\na,1,6\nb,0,7\nb,2,8\n").time, "");     // once one apart, once two
  EXPECT_EQ(guess("clip,x,y\na,3,5\na,3,6\nb,3,7\n").time, "");                // no growth
  EXPECT_EQ(guess("clip,x\na,0\na,1\nb,0\nb,1\n").time, "");                   // all there is to learn from
  EXPECT_EQ(guess("clip,unit,x\n0,a,1\n1,a,1\n2,b,1\n3,a,1\n").time, "clip");  // counts all rows
  EXPECT_EQ(guess("id,x,y\n1,5,6\n2,6,7\n3,7,9\n").time, "id");                // numbers of the rows, as before
}

TEST(GuessColumns, TakesNoTimeThatDoesNotRise) {
  EXPECT_EQ(guess("year,x\n2010,1\n2010,2\n2011,3\n").time, "");
  EXPECT_EQ(guess("No,year,month,x\n1,2010,1,5\n2,2010,1,6\n3,2010,2,7\n").time, "No");
}

TEST(GuessColumns, TakesTheIdByNameOrWhereTimesStartAnew) {
  EXPECT_EQ(guess("clip,x\n1,5\n1,6\n2,7\n").id, "clip");
  EXPECT_EQ(guess("id,x\n1,5\n2,6\n3,7\n").id, "");  // a number of the row, no sequence
  EXPECT_EQ(guess("date,store,x\n2020-01-01,a,1\n2020-01-02,a,2\n2020-01-01,b,3\n").id, "store");
  EXPECT_EQ(guess("day,shop,x\n1,4,1.5\n2,4,2.5\n1,5,3.5\n").id, "");  // a number called day may be a part of a date
}

TEST(GuessColumns, TakesTheIdWhereEachSequenceHasOneStep) {
  const Columns columns = guess("id,step,x\na,0,1\nb,0,2\nc,0,3\n");
  EXPECT_EQ(columns.id, "id");
  EXPECT_EQ(columns.time, "step");
}

TEST(GuessColumns, NotesThatAPartOfADateIsNoTime) {
  const OpenTable table = open_csv(DataFile::from_memory("a.csv", "year,x\n2010,1\n2012,2\n2011,3\n"), {});
  EXPECT_THAT(guess_columns(table.head, {}, "a.csv").notes,
              ElementsAre("a.csv: column year is not taken for the time: it does not grow from row to row"));
  EXPECT_EQ(guess("step,x\n1,1\n3,2\n2,3\n").time, "step");  // an error for who reads it
}

std::vector<std::string> notes_of(std::string text, const SequenceOptions& options = {}) {
  const OpenTable table = open_csv(DataFile::from_memory("a.csv", std::move(text)), options);
  return guess_columns(table.head, options, "a.csv").notes;
}

// A table of rows that a function of their number gives.
template <class Row>
std::string table_of(std::string header, int rows, const Row& row) {
  for (int i = 0; i < rows; ++i) header += row(i) + "\n";
  return header;
}

TEST(GuessColumns, NotesWhatKeepsNumbersFromBeingRead) {
  const auto row = [](int i) { return std::to_string(i) + "," + std::to_string(i * i % 7) + ",$" + std::to_string(i); };
  EXPECT_THAT(notes_of(table_of("t,x,price\n", 12, row)),
              ElementsAre(testing::HasSubstr("column price is left out: it is text, such as '$0'; numbers are written "
                                             "without $")));
  EXPECT_ERROR(guess("t,price\n1,$5\n2,$6\n3,$7\n"), "column 'price' has '$5': numbers are written without $");
  const auto tiny = [](int i) { return std::to_string(i) + "," + std::to_string(i) + "e-300"; };
  EXPECT_THAT(notes_of(table_of("t,x\n", 12, tiny)), ElementsAre(testing::HasSubstr("values as small as '1e-300'")));
}

TEST(GuessColumns, NotesAnAnomalyColumnOfOtherNumbers) {
  const auto row = [](int i) { return std::to_string(i) + "," + std::to_string(i * i % 7) + (i == 5 ? ",2" : ",0"); };
  const std::string table = table_of("t,x,outlier\n", 12, row);
  EXPECT_THAT(notes_of(table, {.find_anomalies = true}),
              ElementsAre(testing::HasSubstr("column 'outlier' is taken for a channel, as it has '2' beside 0 and 1")));
  EXPECT_THAT(notes_of(table), IsEmpty());
}

TEST(GuessColumns, KeepsTheDigitsOfObservations) {
  const auto row = [](int i) {
    return std::to_string(i) + ",meter," + std::to_string(100000000 + i % 5) + "\n" + std::to_string(i) + ",wind," +
           std::to_string(i % 3);
  };
  const Columns columns = guess(table_of("time,parameter,value\n", 40, row));
  EXPECT_EQ(columns.offset("meter"), 100000002);
  EXPECT_EQ(columns.offset("wind"), 0);
}

TEST(GuessColumns, TakesWholeNumbersForDatesWhereTheyAre) {
  const Columns months = guess("month,x\n202011,1\n202012,2\n202101,3\n");
  EXPECT_EQ(months.time, "month");
  EXPECT_EQ(months.time_format, "%Y%m");
  const Columns days = guess("when,x\n20200131,1\n20200201,2\n20200202,3\n");
  EXPECT_EQ(days.time, "when");
  EXPECT_EQ(days.time_format, "%Y%m%d");
  EXPECT_EQ(guess("time,x\n2020013123,1\n2020020100,2\n").time_format, "%Y%m%d%H");
  EXPECT_EQ(guess("time,x\n202011,1\n202012,2\n202013,3\n").time_format, "");  // no month
  EXPECT_EQ(guess("step,x\n202011,1\n202012,2\n").time_format, "");            // steps are counted
  EXPECT_THAT(notes_of("date,x\n20200131,1\n20200201,2\n"),
              ElementsAre("a.csv: the numbers of column 'date', such as 20200131, are taken for dates (%Y%m%d)"));
}

TEST(GuessColumns, HoldsATimeFormatToTheCells) {
  const std::string text = "time,x\n01/12/2020,1\n01/13/2020,2\n";
  EXPECT_EQ(guess(text, {.time_format = "%m/%d/%Y"}).time, "time");
  EXPECT_ERROR(guess(text, {.time_format = "%d/%m/%Y"}),
               "a.csv: time_format '%d/%m/%Y' does not fit '01/13/2020' in row 2 of column 'time'");
  EXPECT_ERROR(guess(text, {.time_format = "%q"}), "unknown directive %q");
  EXPECT_EQ(guess("x,day\n1,20200131\n2,20200201\n", {.time_format = "%Y%m%d"}).time, "day");
}

TEST(GuessColumns, LeavesOutTheNumbersOfRows) {
  const Columns columns = guess(",date,x\n0,2020-01-01,5\n1,2020-01-02,6\n2,2020-01-03,7\n");
  EXPECT_THAT(columns.values, ElementsAre("x"));
  EXPECT_THAT(columns.ignored, ElementsAre("#1"));
  EXPECT_THAT(guess("Unnamed: 0,date,x\n0,2020-01-01,5\n1,2020-01-02,6\n").ignored, ElementsAre("Unnamed: 0"));
  std::string nameless, counter = "x\n";
  for (int i = 0; i < 12; ++i) {
    nameless += std::to_string(i) + "," + std::to_string(i % 5) + ".5\n";
    counter += std::to_string(i) + "\n";
  }
  EXPECT_THAT(guess(nameless).ignored, ElementsAre("#1"));
  EXPECT_THAT(guess(counter).values, ElementsAre("x"));  // it is all there is
  const auto row = [](int i) { return fmt::format("{},2020-01-{:02},{}", i + 1, i + 1, i % 3); };
  EXPECT_THAT(guess(table_of("n,date,x\n", 12, row)).ignored, ElementsAre("n"));
  EXPECT_THAT(guess(table_of("n,date,x\n", 5, row)).values, ElementsAre("n", "x"));  // too few to say
  EXPECT_THAT(guess(table_of("n,date,x\n", 12, row), {.columns = {.values = {"n"}}}).values, ElementsAre("n"));
}

TEST(GuessColumns, TakesColumnsOfAnomaliesForLabelsWhereTheyAreLookedFor) {
  const std::string text = "t,x,is_anomaly\n1,5,0\n2,6,1\n3,7,0\n";
  EXPECT_THAT(guess(text).values, ElementsAre("x", "is_anomaly"));
  const Columns columns = guess(text, {.label_steps = true, .find_anomalies = true});
  EXPECT_THAT(columns.values, ElementsAre("x"));
  EXPECT_THAT(columns.step_labels, ElementsAre("is_anomaly"));
  EXPECT_THAT(guess("t,x,outlier\n1,5,0.5\n2,6,1\n", {.find_anomalies = true}).values, ElementsAre("x", "outlier"));
}

TEST(GuessColumns, TellsSeriesApartByTwoColumns) {
  std::string text = "date,store,item,x\n";
  for (const char* store : {"a", "b"}) {
    for (const char* item : {"p", "q"}) {
      for (int day = 1; day <= 3; ++day) text += fmt::format("2020-01-0{},{},{},{}\n", day, store, item, day);
    }
  }
  EXPECT_EQ(guess(text).id, "store,item");
  EXPECT_EQ(guess(text, {.columns = {.id = "item,store"}}).id, "item,store");
  EXPECT_EQ(guess(text, {.columns = {.id = "#2,#3"}}).id, "store,item");
  EXPECT_ERROR(guess(text, {.columns = {.id = "store,itm"}}), "there is no column 'store,itm'");
}

TEST(GuessColumns, AsksWhetherColumnsOfDifferentLengthsAreSeries) {
  const std::string header = "Y1,Y2,Y3,Y4,Y5,Y6,Y7,Y8\n", row = "1,2,3,4,5,6,7,8\n";
  EXPECT_ERROR(guess(header + row + "1,,3,4,,6,7,8\n1,,3,4,,6,7,8\n"), "layout = long");
  EXPECT_EQ(guess(header + row + "1,2,3,4,5,,,\n").layout, Layout::kWide);
  EXPECT_EQ(guess("date," + header + "2020-01-01," + row + "2020-01-02," + row + "2020-01-03," + row).layout,
            Layout::kLong);
}

TEST(GuessColumns, FindsMarksInNumbers) {
  const Columns german = guess("t;x\n1;1,5\n2;2,25\n");
  EXPECT_EQ(german.decimal, ",");
  EXPECT_THAT(german.values, ElementsAre("x"));
  EXPECT_EQ(guess("t;x\n1;1.234,5\n2;2,25\n").thousands, ".");
  EXPECT_EQ(guess("t,x\n1,\"1,234.5\"\n2,\"2,250\"\n").thousands, ",");
  EXPECT_ERROR(guess("t;x\n1;1,234\n2;2,250\n"), "column 2: '1,234' may be a number with decimals or with thousands");
  EXPECT_EQ(guess("t;x\n1;1,234\n2;2,250\n", {.decimal = ","}).layout, Layout::kLong);
}

TEST(GuessColumns, TakesALevelOffValuesThatAreTooHigh) {
  const auto high = [](int i) { return fmt::format("{},{}", i, 100000000 + i % 7 * 0.25); };
  const std::string text = table_of("t,x\n", 30, high);
  ASSERT_EQ(guess(text).offsets.size(), 1U);
  EXPECT_NEAR(guess(text).offset("x"), 1e8, 2);
  EXPECT_TRUE(guess(text, {.keep_level = true}).offsets.empty());
  EXPECT_THAT(notes_of(text, {.keep_level = true}),
              ElementsAre("a.csv: the last digits of channel 'x' are lost: values are held with about 7"));
}

TEST(GuessColumns, FindsHeaders) {
  const auto has_header = [](std::string text, const SequenceOptions& options = {}) {
    return open_csv(DataFile::from_memory("a.csv", std::move(text)), options).head.header;
  };
  EXPECT_TRUE(has_header("t,x\n1,2\n"));
  EXPECT_TRUE(has_header("id,label\na,b\n"));
  EXPECT_TRUE(has_header("2010,2011\n1,2\n", {.columns = {.values = {"2011"}}}));
  EXPECT_TRUE(has_header("2010,2011\n1,2\n", {.header = "yes"}));
  EXPECT_FALSE(has_header("1,2\n1,2\n"));
  EXPECT_FALSE(has_header("H1,1,2\nH2,3,4\n"));
  EXPECT_FALSE(has_header("a,b\nc,d\n"));
  EXPECT_FALSE(has_header("t,x\n1,2\n", {.header = "no"}));
  EXPECT_ERROR(has_header("t,x\n", {.header = "maybe"}), "header: expected 'yes' or 'no'");
}

TEST(GuessColumns, LeavesDeclaredRolesAlone) {
  const Columns columns = guess("time,id,x,y\n1,1,2,3\n2,1,2,3\n", {.columns = {.time = "x", .values = {"#4"}}});
  EXPECT_EQ(columns.time, "x");
  EXPECT_THAT(columns.values, ElementsAre("y"));
  EXPECT_EQ(columns.id, "id");
  EXPECT_THAT(columns.ignored, ElementsAre("time"));
  EXPECT_TRUE(columns.complete);
}

TEST(GuessColumns, GuessesNothingOfCompleteColumns) {
  const Columns columns =
      guess("time,id,x\n1,1,2\n", {.columns = {.layout = Layout::kLong, .complete = true, .values = {"x"}}});
  EXPECT_EQ(columns.id, "");
  EXPECT_EQ(columns.time, "");
  EXPECT_THAT(columns.ignored, IsEmpty());
}

TEST(GuessColumns, SaysWhatDoesNotExistOrIsDeclaredTwice) {
  EXPECT_ERROR(guess("time,price\n1,2\n", {.columns = {.values = {"pirce"}}}),
               "a.csv: there is no column 'pirce', which an option names; did you mean 'price'?; columns: time, price");
  EXPECT_ERROR(guess("t,x\n1,2\n", {.columns = {.id = "t", .time = "t"}}), "column 't' is declared for two things");
  EXPECT_ERROR(guess("t,x\n1,2\n", {.columns = {.values = {"#0"}}}), "there is no column '#0'");
  EXPECT_ERROR(guess("t,x\n1,2\n", {.columns = {.step_labels = {"t", "x"}}}), "a step has one label");
  EXPECT_ERROR(guess("a,b\nx,y\n"), "no column of numbers is left for values");
  EXPECT_ERROR(guess("x,x\n1,2\n"), "two columns are called 'x'");
}

}  // namespace
}  // namespace recur
