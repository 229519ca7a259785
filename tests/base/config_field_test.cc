#include "recur/base/config_field.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/config.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Range, HoldsItsEndsUnlessTheyAreOpen) {
  const Range closed{0, 1}, open{.min = 0, .max = 1, .open_min = true, .open_max = true};
  for (const double end : {0.0, 1.0}) {
    EXPECT_TRUE(closed.contains(end));
    EXPECT_FALSE(open.contains(end));
  }
  EXPECT_TRUE(open.contains(0.5));
  EXPECT_TRUE(open.contains(std::nextafter(0, 1)));
  EXPECT_FALSE(closed.contains(std::nextafter(1, 2)));
  EXPECT_FALSE(closed.contains(-1e-300));
}

TEST(Range, NeverHoldsNotANumber) {
  EXPECT_FALSE(Range{}.contains(std::nan("")));
  EXPECT_FALSE((Range{0, 1}.contains(std::nan(""))));
  EXPECT_TRUE(Range{}.contains(kInfinity));
}

TEST(Range, SaysItsLimits) {
  EXPECT_EQ((Range{0, 1}.text()), "in [0, 1]");
  EXPECT_EQ((Range{.min = 0, .max = 1, .open_max = true}.text()), "in [0, 1)");
  EXPECT_EQ((Range{.min = 0.5, .max = 2, .open_min = true}.text()), "in (0.5, 2]");
  EXPECT_EQ((Range{.min = 1}.text()), ">= 1");
  EXPECT_EQ((Range{.min = 0, .open_min = true}.text()), "> 0");
  EXPECT_EQ((Range{.max = 7}.text()), "<= 7");
  EXPECT_EQ((Range{.max = 7, .open_max = true}.text()), "< 7");
  EXPECT_EQ(Range{}.text(), "");
}

TEST(ConfigField, SaysWhatIsWrittenWhereItNames) {
  struct Options {
    std::string history, chart, sounds;
    void visit(Config& v) {
      v("history", history, "File that is read");
      v("chart", chart, "File that is written", Writes::kFile);
      v("sounds", sounds, "Folder that is written", Writes::kFolder);
    }
  } options;
  const Config config(options);
  EXPECT_EQ(config.find("history")->writes, Writes::kNothing);
  EXPECT_EQ(config.find("chart")->writes, Writes::kFile);
  EXPECT_EQ(config.find("sounds")->writes, Writes::kFolder);
}

// What a variable comes to by way of its field and back.
template <class T>
T through(T value) {
  T variable{};
  const ConfigField field = internal::bind_field("key", variable, "help");
  T source = value;
  field.set(internal::bind_field("key", source, "help").get());
  return variable;
}

TEST(ConfigField, GivesAndTakesEveryTypeOfVariable) {
  EXPECT_EQ(through(true), true);
  EXPECT_EQ(through<int64_t>(INT64_MIN), INT64_MIN);
  EXPECT_EQ(through<uint8_t>(255), 255);
  EXPECT_EQ(through(0.1f), 0.1f);
  EXPECT_EQ(through(Seconds(2.5)), Seconds(2.5));
  EXPECT_EQ(through<std::string>("ä"), "ä");
  EXPECT_THAT(through<std::vector<std::string>>({"a", ""}), ElementsAre("a", ""));
  EXPECT_THAT(through<std::vector<int>>({3, -4}), ElementsAre(3, -4));
  EXPECT_EQ(through<std::optional<int>>(5), 5);
  EXPECT_EQ(through<std::optional<int>>(std::nullopt), std::nullopt);
}

TEST(ConfigField, KnowsTheLimitsOfTheVariablesOwnType) {
  uint8_t byte = 0;
  int32_t number = 0;
  uint64_t large = 0;
  std::optional<int16_t> maybe;
  std::vector<int8_t> list;
  EXPECT_EQ(internal::bind_field("k", byte, "").lowest, 0);
  EXPECT_EQ(internal::bind_field("k", byte, "").highest, 255);
  EXPECT_EQ(internal::bind_field("k", number, "").lowest, INT32_MIN);
  EXPECT_EQ(internal::bind_field("k", large, "").lowest, 0);
  EXPECT_EQ(internal::bind_field("k", large, "").highest, INT64_MAX);  // what a ConfigValue holds
  EXPECT_EQ(internal::bind_field("k", maybe, "").highest, INT16_MAX);
  EXPECT_EQ(internal::bind_field("k", list, "").lowest, INT8_MIN);
}

TEST(ConfigField, RefersToTheVariableAsItIsNow) {
  int64_t variable = 1;
  const ConfigField field = internal::bind_field("key", variable, "help");
  variable = 2;
  EXPECT_EQ(field.value_text(), "2");
}

TEST(ConfigField, SaysItsTypeWithLimitsAndChoices) {
  int64_t number = 0;
  std::optional<double> maybe;
  std::string text;
  std::vector<std::string> texts;
  ConfigField limited = internal::bind_field("k", number, "");
  internal::constrain(limited, Range{1, 65536});
  EXPECT_EQ(limited.type_text(), "integer in [1, 65536]");
  EXPECT_THAT(internal::bind_field("k", maybe, "").type_text(), ::testing::EndsWith(" (optional)"));
  ConfigField one = internal::bind_field("k", text, ""), some = internal::bind_field("k", texts, "");
  internal::constrain(one, OneOf{"rnn", "lstm"});
  internal::constrain(some, OneOf{"rnn", "lstm"});
  EXPECT_EQ(one.type_text(), "one of rnn, lstm");
  EXPECT_EQ(some.type_text(), "list of rnn, lstm");
}

TEST(ConfigField, FloatsAreShortAndReadBackToTheBit) {
  float variable = 0.1f;
  const ConfigField field = internal::bind_field("k", variable, "");
  EXPECT_EQ(field.value_text(), "0.1");
  for (const float value : {0.33f, 1e-7f, 3.4028235e38f, 1e-45f, 16777217.0f, 0.3f - 0.1f, 1.0f / 3}) {
    variable = value;
    const auto read = parse_value(ConfigType::kReal, field.value_text());
    ASSERT_TRUE(read) << value;
    EXPECT_EQ(static_cast<float>(std::get<double>(*read)), value) << field.value_text();
  }
}

TEST(ConfigField, AFlagHasDashes) {
  bool variable = false;
  EXPECT_EQ(internal::bind_field("eval_batch_size", variable, "").flag(), "--eval-batch-size");
  EXPECT_EQ(internal::bind_field("lr", variable, "").flag(), "--lr");
}

}  // namespace
}  // namespace recur
