#include "recur/data/tables/choose_offsets.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/data/tables/guessed.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(ChooseOffsets, KeepsTheDigitsOfObservations) {
  const auto row = [](int i) {
    return std::to_string(i) + ",meter," + std::to_string(100000000 + i % 5) + "\n" + std::to_string(i) + ",wind," +
           std::to_string(i % 3);
  };
  const Columns columns = guess(table_of("time,parameter,value\n", 40, row));
  EXPECT_EQ(columns.offset("meter"), 100000002);
  EXPECT_EQ(columns.offset("wind"), 0);
}

TEST(ChooseOffsets, TakesALevelOffValuesThatAreTooHigh) {
  const auto high = [](int i) { return fmt::format("{},{}", i, 100000000 + i % 7 * 0.25); };
  const std::string text = table_of("t,x\n", 30, high);
  ASSERT_EQ(guess(text).offsets.size(), 1U);
  EXPECT_NEAR(guess(text).offset("x"), 1e8, 2);
  EXPECT_TRUE(guess(text, {.keep_level = true}).offsets.empty());
  EXPECT_THAT(notes_of(text, {.keep_level = true}),
              ElementsAre("a.csv: the last digits of channel 'x' are lost: values are stored with about 7"));
}

TEST(ChooseOffsets, RowsMayBeLongerThanTheNames) {
  const auto row = [](int i) { return fmt::format("{},{},{}", 100000000 + i % 5, 100000001, 100000002 + i % 3); };
  SequenceOptions wide;
  wide.columns.layout = Layout::kWide;
  EXPECT_NEAR(guess(table_of("a,b\n", 20, row), wide).offset("value"), 1e8, 5);
}

}  // namespace
}  // namespace recur
