#include "recur/data/tables/guess_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(GuessTime, TakesTimeByNameOrContents) {
  EXPECT_EQ(guess("x,timestamp\n1,5\n2,6\n").time, "timestamp");
  EXPECT_EQ(guess("x,when\n1,2020-01\n2,2020-02\n").time, "when");
  EXPECT_EQ(guess(",0\n1821,269\n1822,321\n1823,585\n").time, "#1");
  EXPECT_EQ(guess("2020-01-01,5\n2020-01-02,6\n").time, "#1");
}

TEST(GuessTime, TakesWhatCountsInEverySequenceForTheTime) {
  EXPECT_EQ(guess("clip,frame,x\na,0,5\na,1,6\nb,0,7\nb,1,8\n").time, "frame");
  EXPECT_EQ(guess("frame,clip,x\n0,a,5\n2,a,6\n6,b,7\n8,b,8\n").time, "frame");
  EXPECT_EQ(guess("clip,frame,x\na,0,5\na,1,6\nb,0,7\nb,2,8\n").time, "");     // once one apart, once two
  EXPECT_EQ(guess("clip,x,y\na,3,5\na,3,6\nb,3,7\n").time, "");                // no growth
  EXPECT_EQ(guess("clip,x\na,0\na,1\nb,0\nb,1\n").time, "");                   // all there is to learn from
  EXPECT_EQ(guess("clip,unit,x\n0,a,1\n1,a,1\n2,b,1\n3,a,1\n").time, "clip");  // counts all rows
  EXPECT_EQ(guess("id,x,y\n1,5,6\n2,6,7\n3,7,9\n").time, "id");                // numbers of the rows, as before
}

TEST(GuessTime, TakesNoTimeThatDoesNotRise) {
  EXPECT_EQ(guess("year,x\n2010,1\n2010,2\n2011,3\n").time, "");
  EXPECT_EQ(guess("No,year,month,x\n1,2010,1,5\n2,2010,1,6\n3,2010,2,7\n").time, "No");
}

TEST(GuessTime, NotesThatAPartOfADateIsNoTime) {
  const OpenTable table = open_csv(DataFile::from_memory("a.csv", "year,x\n2010,1\n2012,2\n2011,3\n"), {});
  EXPECT_THAT(guess_columns(table.head, {}, "a.csv").notes,
              ElementsAre("a.csv: column year is not taken for the time: it does not increase from row to row"));
  EXPECT_EQ(guess("step,x\n1,1\n3,2\n2,3\n").time, "step");  // an error for who reads it
}

TEST(GuessTime, TakesWholeNumbersForDatesWhereTheyAre) {
  const Columns months = guess("month,x\n202011,1\n202012,2\n202101,3\n");
  EXPECT_EQ(months.time, "month");
  EXPECT_EQ(months.time_format, "%Y%m");
  const Columns days = guess("when,x\n20200131,1\n20200201,2\n20200202,3\n");
  EXPECT_EQ(days.time, "when");
  EXPECT_EQ(days.time_format, "%Y%m%d");
  EXPECT_EQ(guess("time,x\n2020013123,1\n2020020100,2\n").time_format, "%Y%m%d%H");
  EXPECT_EQ(guess("x,period\n3,202011\n1,202012\n2,202101\n").time, "period");
  EXPECT_EQ(guess("x,article\n3,202001\n1,202002\n2,202003\n").time, "");  // no year ends: it may be other numbers
  const Columns shops =
      guess("shop,day,x\na,20200131,1\na,20200201,2\na,20200202,2\nb,20200131,5\nb,20200201,4\nb,20200202,4\n");
  EXPECT_EQ(shops.time + " " + shops.time_format + " " + shops.id, "day %Y%m%d shop");
  EXPECT_EQ(guess("patient,born,x\na,19800131,1\na,19800131,2\nb,19710201,5\nb,19710201,4\nc,19610201,4\n").time, "");
  EXPECT_EQ(guess("time,x\n202011,1\n202012,2\n202013,3\n").time_format, "");  // no month
  EXPECT_EQ(guess("step,x\n202011,1\n202012,2\n").time_format, "");            // steps are counted
  EXPECT_THAT(notes_of("date,x\n20200131,1\n20200201,2\n"),
              ElementsAre("a.csv: the numbers of column 'date', such as 20200131, are taken for dates (%Y%m%d)"));
}

TEST(GuessTime, HoldsATimeFormatToTheCells) {
  const std::string text = "time,x\n01/12/2020,1\n01/13/2020,2\n";
  EXPECT_EQ(guess(text, {.time_format = "%m/%d/%Y"}).time, "time");
  EXPECT_ERROR(guess(text, {.time_format = "%d/%m/%Y"}),
               "a.csv: time_format '%d/%m/%Y' does not fit '01/13/2020' in row 2 of column 'time'");
  EXPECT_ERROR(guess(text, {.time_format = "%u"}), "unknown directive %u");
  EXPECT_EQ(guess("x,day\n1,20200131\n2,20200201\n", {.time_format = "%Y%m%d"}).time, "day");
}

}  // namespace
}  // namespace recur
