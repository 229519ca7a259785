#include "recur/base/config_value.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace recur {
namespace {

using Integers = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

TEST(Duration, ReadsUnitsSumsAndPlainSeconds) {
  EXPECT_EQ(parse_duration("45s"), 45);
  EXPECT_EQ(parse_duration("30m"), 1800);
  EXPECT_EQ(parse_duration("2h"), 7200);
  EXPECT_EQ(parse_duration("1d"), 86400);
  EXPECT_EQ(parse_duration("500ms"), 0.5);
  EXPECT_EQ(parse_duration("1h30m"), 5400);
  EXPECT_EQ(parse_duration("1d2h3m4s5ms"), 86400 + 7200 + 180 + 4 + 0.005);
  EXPECT_EQ(parse_duration("0.5h"), 1800);
  EXPECT_EQ(parse_duration("90"), 90);
  EXPECT_EQ(parse_duration("0"), 0);
}

TEST(Duration, RefusesWhatIsNoTime) {
  for (const char* text : {"", "m", "30x", "30 m", "-1s", "-1", "1m1h", "1m1m", "1h-5m", "inf", "nan", "1e308d", "1hm",
                           "30min", "s30", "1e999"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, IsWrittenShortAndExactly) {
  EXPECT_EQ(format_duration(5400), "1h30m");
  EXPECT_EQ(format_duration(7200), "2h");
  EXPECT_EQ(format_duration(90), "1m30s");
  EXPECT_EQ(format_duration(0), "0s");
  EXPECT_EQ(format_duration(0.25), "0.25s");
  for (const double seconds : {0.1, 1e-9, 1.0 / 3, 86399.0, 1e12, 123456.789, 1e300}) {
    EXPECT_EQ(parse_duration(format_duration(seconds)), seconds);
  }
}

TEST(ConfigValue, ReadsEveryType) {
  EXPECT_EQ(parse_value(ConfigType::kBool, "true"), ConfigValue(true));
  EXPECT_EQ(parse_value(ConfigType::kBool, "0"), ConfigValue(false));
  EXPECT_EQ(parse_value(ConfigType::kInteger, "-12"), ConfigValue(std::int64_t{-12}));
  EXPECT_EQ(parse_value(ConfigType::kReal, "1e-3"), ConfigValue(1e-3));
  EXPECT_EQ(parse_value(ConfigType::kReal, "2"), ConfigValue(2.0));
  EXPECT_EQ(parse_value(ConfigType::kDuration, "1m"), ConfigValue(60.0));
  EXPECT_EQ(parse_value(ConfigType::kText, " any = thing "), ConfigValue(std::string(" any = thing ")));
  EXPECT_EQ(parse_value(ConfigType::kIntegers, "512"), ConfigValue(Integers{512}));
  EXPECT_EQ(parse_value(ConfigType::kIntegers, "512,256"), ConfigValue(Integers{512, 256}));
  EXPECT_EQ(parse_value(ConfigType::kIntegers, "[512, -1]"), ConfigValue(Integers{512, -1}));
  EXPECT_EQ(parse_value(ConfigType::kIntegers, "[]"), ConfigValue(Integers{}));
  EXPECT_EQ(parse_value(ConfigType::kTexts, "lstm, gru"), ConfigValue(Texts{"lstm", "gru"}));
}

TEST(ConfigValue, RefusesTextsOfOtherTypes) {
  for (const char* text : {"", "yes", "True", "2"}) EXPECT_EQ(parse_value(ConfigType::kBool, text), std::nullopt);
  for (const char* text : {"", "x", "1.0", "1e3", "12x", " 1", "9223372036854775808"}) {
    EXPECT_EQ(parse_value(ConfigType::kInteger, text), std::nullopt) << text;
  }
  for (const char* text : {"", "x", "1,5", "inf", "nan", "-inf", "1e999", "0x10"}) {
    EXPECT_EQ(parse_value(ConfigType::kReal, text), std::nullopt) << text;
  }
  for (const char* text : {"", ",", "1,", ",1", "1,,2", "[1", "1]", "[", "1.5", "[1,a]"}) {
    EXPECT_EQ(parse_value(ConfigType::kIntegers, text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_value(ConfigType::kTexts, "a,,b"), std::nullopt);
}

TEST(ConfigValue, TextsReadBackAsTheSameValue) {
  const auto round_trip = [](ConfigType type, const ConfigValue& value) {
    return parse_value(type, to_text(type, value)) == value;
  };
  EXPECT_TRUE(round_trip(ConfigType::kBool, true));
  EXPECT_TRUE(round_trip(ConfigType::kInteger, std::numeric_limits<std::int64_t>::min()));
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1.0, 123456789012345678.0}) {
    EXPECT_TRUE(round_trip(ConfigType::kReal, value)) << value;
  }
  EXPECT_TRUE(round_trip(ConfigType::kIntegers, Integers{512, 256}));
  EXPECT_TRUE(round_trip(ConfigType::kIntegers, Integers{}));
  EXPECT_TRUE(round_trip(ConfigType::kTexts, Texts{"a", "b"}));
  EXPECT_EQ(to_text(ConfigType::kInteger, std::monostate()), "none");
}

}  // namespace
}  // namespace recur
