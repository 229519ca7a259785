#include "recur/data/tables/guess_id.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(GuessId, TakesTheIdByNameOrWhereTimesStartAnew) {
  EXPECT_EQ(guess("clip,x\n1,5\n1,6\n2,7\n").id, "clip");
  EXPECT_EQ(guess("id,x\n1,5\n2,6\n3,7\n").id, "");  // a number of the row, no sequence
  EXPECT_EQ(guess("date,store,x\n2020-01-01,a,1\n2020-01-02,a,2\n2020-01-01,b,3\n").id, "store");
  EXPECT_EQ(guess("day,shop,x\n1,4,1.5\n2,4,2.5\n1,5,3.5\n").id, "");  // a number called day may be a part of a date
}

TEST(GuessId, TakesNoIdThatLeavesNoValues) {
  const std::string twice = "t,x\n1,3\n1,4\n2,4\n2,3\n";
  EXPECT_EQ(guess(twice).id, "");
  EXPECT_THAT(guess(twice).values, testing::ElementsAre("x"));
  EXPECT_EQ(guess("t,x,y\n1,3,7\n1,4,8\n2,4,9\n2,3,9\n").id, "x");
}

TEST(GuessId, TakesTheIdWhereEachSequenceHasOneStep) {
  const Columns columns = guess("id,step,x\na,0,1\nb,0,2\nc,0,3\n");
  EXPECT_EQ(columns.id, "id");
  EXPECT_EQ(columns.time, "step");
}

TEST(GuessId, SaysWhichColumnItTakes) {
  EXPECT_THAT(notes_of("date,store,x\n2020-01-01,a,1\n2020-01-02,a,2\n2020-01-01,b,3\n"),
              testing::ElementsAre("a.csv: column 'store' is taken for the id of series, since times start anew where "
                                   "it changes; set id_column to another"));
}

TEST(GuessId, TakesNoNumbersOfRowsForTheIdOfALongTable) {
  const auto day = [](int i) { return fmt::format("2020-01-{:02}", i / 4 + 1); };
  const auto of_shop = [&](int i) { return fmt::format("{},{},{},{}.5", i, day(i), "abcd"[i % 4], i % 3); };
  const Columns shops = guess(table_of("id,date,shop,x\n", 60, of_shop));
  EXPECT_EQ(shops.id, "shop");
  EXPECT_THAT(shops.ignored, testing::ElementsAre("id"));
  const auto of_two = [&](int i) { return fmt::format("{},{},{},{},{}.5", i, day(i), i % 4 / 2, "ab"[i % 2], i % 3); };
  EXPECT_EQ(guess(table_of("id,date,shop,item,x\n", 60, of_two)).id, "shop,item");
  EXPECT_EQ(guess(table_of("id,date,shop,item,x\n", 20, of_two)).id, "id");  // a few records
  EXPECT_EQ(guess(table_of("id,date,shop,label,x\n", 60, of_two)).id, "id");
  const auto of_none = [&](int i) { return fmt::format("{},{},{}.5", i, day(i), i % 3); };
  const std::string rows = table_of("id,date,x\n", 60, of_none);
  EXPECT_EQ(guess(rows).id, "id");
  EXPECT_THAT(notes_of(rows), testing::Contains("a.csv: column 'id' is the id of sequences of one step each; set "
                                                "id_column to another"));
}

TEST(GuessId, TellsSeriesApartByTwoColumns) {
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

}  // namespace
}  // namespace recur
