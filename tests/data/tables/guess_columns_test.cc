#include "recur/data/tables/guess_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::IsEmpty;

TEST(GuessColumns, FindsMarksInNumbers) {
  const Columns german = guess("t;x\n1;1,5\n2;2,25\n");
  EXPECT_EQ(german.decimal, ",");
  EXPECT_THAT(german.values, ElementsAre("x"));
  EXPECT_EQ(guess("t;x\n1;1.234,5\n2;2,25\n").thousands, ".");
  EXPECT_EQ(guess("t,x\n1,\"1,234.5\"\n2,\"2,250\"\n").thousands, ",");
  EXPECT_ERROR(guess("t;x\n1;1,234\n2;2,250\n"), "column 2: '1,234' may be a number with decimals or with thousands");
  EXPECT_EQ(guess("t;x\n1;1,234\n2;2,250\n", {.decimal = ","}).layout, Layout::kLong);
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

}  // namespace
}  // namespace recur
