#include "recur/data/tables/left_out.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(LeftOut, NotesWhatKeepsNumbersFromBeingRead) {
  const auto row = [](int i) { return std::to_string(i) + "," + std::to_string(i * i % 7) + ",$" + std::to_string(i); };
  EXPECT_THAT(notes_of(table_of("t,x,price\n", 12, row)),
              ElementsAre(HasSubstr("column price is left out: it is text, such as '$0'; numbers are written "
                                    "without $")));
  EXPECT_ERROR(guess("t,price\n1,$5\n2,$6\n3,$7\n"), "column 'price' has '$5': numbers are written without $");
}

TEST(LeftOut, NamesTheFormatThatDatesMayHave) {
  const auto note = [](const std::string& first, const std::string& second) {
    return notes_of("day;x\n" + first + ";1.5\n" + second + ";2.5\n");
  };
  const auto only = [](const std::string& format) {
    return ElementsAre("a.csv: column day is left out: it is text; set time_format = " + format + " to read its dates");
  };
  EXPECT_THAT(note("01.02.2020 10:00", "31.02.2020 11:00"), ElementsAre("a.csv: column day is left out: it is text"));
  EXPECT_THAT(note("01.02.2020 10:00", "31.01.2020 11:00"), only("%d.%m.%Y %H:%M"));
  EXPECT_THAT(note("1/2/2021", "1/13/2021"), only("%m/%d/%Y"));
  EXPECT_THAT(note("Jan-15", "Feb-15"), only("%b-%y"));
  EXPECT_THAT(note("Jan 2, 2020", "Feb 13, 2020"), only("%b %d, %Y"));
  EXPECT_THAT(note("02/01/2020", "03/01/2020"),
              ElementsAre("a.csv: column day is left out: it is text; its dates may be %m/%d/%Y or %d/%m/%Y: set "
                          "time_format to what they are"));
}

TEST(LeftOut, LeavesOutTheNumbersOfRows) {
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

}  // namespace
}  // namespace recur
