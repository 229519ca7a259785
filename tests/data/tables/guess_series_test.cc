#include "recur/data/tables/guess_series.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Three series of 8 steps: the id and the time as functions of series and step give them, and a value.
template <class Id, class Time>
std::string series(const std::string& header, const Id& id, const Time& time) {
  return table_of(header + "\n", 24, [&](int i) { return fmt::format("{},{},{}.5", id(i / 8), time(i % 8), i % 5); });
}

std::string id_and_time(const Columns& columns) { return columns.id + " " + columns.time; }

const auto letter = [](int series) { return std::string(1, static_cast<char>('a' + series)); };
const auto count = [](int step) { return step; };
const auto uneven = [](int step) { return step * step; };

TEST(GuessSeries, TakesWhatCountsAnewWhereAnotherColumnChangesForTheTime) {
  const std::string machines = series("machine,loop,x", letter, count);
  EXPECT_EQ(id_and_time(guess(machines)), "machine loop");
  EXPECT_THAT(notes_of(machines),
              ElementsAre(HasSubstr("column 'machine' is taken for the id of series and 'loop' for their time")));
  const auto unit = [](int series) { return 40 + series; };
  EXPECT_EQ(id_and_time(guess(series("unit_nr,time_cycles,x", unit, count))), "unit_nr time_cycles");
  const std::string nameless = series("", unit, [](int step) { return 5 * step; }).substr(1);
  EXPECT_EQ(id_and_time(guess(nameless)), "#1 #2");
}

TEST(GuessSeries, TakesWhatRisesUnevenlyWhereItLooksLikeATime) {
  const auto epoch = [](int step) { return 1672555800 + 600 * step + step / 3; };
  EXPECT_EQ(id_and_time(guess(series("device,stamp,x", letter, epoch))), "device stamp");
  EXPECT_EQ(id_and_time(guess(series("device,frame_nr,x", letter, uneven))), "device frame_nr");
  EXPECT_EQ(id_and_time(guess(series("device,load,x", letter, uneven))), " ");
}

TEST(GuessSeries, TakesNoPartsOfDates) {
  const auto year = [](int series) { return 2010 + series; };
  const auto number = [](int series) { return series + 1; };
  const auto month = [](int series) { return std::string(series == 0 ? "Jan" : series == 1 ? "Feb" : "Mar"); };
  EXPECT_EQ(id_and_time(guess(series("year,month,x", year, count))), " ");
  EXPECT_EQ(id_and_time(guess(series("jahr,monat,x", year, count))), " ");
  EXPECT_EQ(id_and_time(guess(series("monat,tag,x", number, count))), " ");
  EXPECT_EQ(id_and_time(guess(series("monat,tag,x", month, count))), " ");
}

TEST(GuessSeries, TakesNothingElse) {
  EXPECT_EQ(id_and_time(guess(series("label,loop,x", letter, count))), " ");
  EXPECT_EQ(id_and_time(guess(series("machine,loop,x", letter, count), {.columns = {.values = {"loop", "x"}}})), " ");
  const auto once = [](int series) { return std::string(series == 1 ? "b" : "a"); };  // and again
  EXPECT_EQ(id_and_time(guess(series("machine,loop,x", once, count))), " ");
  const auto on = [](int i) { return fmt::format("{},{},{}.5", i / 8 + 40, i, i % 5); };  // counts on
  EXPECT_EQ(id_and_time(guess(table_of("x,machine,loop,y\n", 24, [&](int i) { return "3," + on(i); }))), " ");
  EXPECT_EQ(id_and_time(guess("machine,loop,x\na,0,1\na,1,2\na,2,3\nb,0,4\nb,1,5\nb,2,6\n")), " ");  // too few rows
}

}  // namespace
}  // namespace recur
