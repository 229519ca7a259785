#include "recur/base/json_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

namespace recur {
namespace {

// Writes down what it is told.
class Listener final : public JsonEvents {
 public:
  void null() override { told += " null"; }
  void boolean(bool value) override { told += value ? " true" : " false"; }
  void negative(int64_t value) override { told += " negative:" + std::to_string(value); }
  void natural(uint64_t value) override { told += " natural:" + std::to_string(value); }
  void real(double value) override { told += " real:" + json_number(value); }
  void text(std::string& value) override { told += " text:" + value; }
  void begin_array() override { told += " ["; }
  void end_array() override { told += " ]"; }
  void begin_object() override { told += " {"; }
  void key(std::string& name) override { told += " key:" + name; }
  void end_object() override { told += " }"; }

  std::string told;
};

std::string events_of(std::string_view text) {
  Listener listener;
  const auto bad = read_json_events(text, listener);
  return bad ? "bad at " + std::to_string(*bad) : listener.told;
}

TEST(JsonText, TellsWhatIsThereInItsOrder) {
  EXPECT_EQ(events_of(R"({"a": [1, -2, 2.5, "x"], "b": {"c": null}, "d": [true, false]})"),
            " { key:a [ natural:1 negative:-2 real:2.5 text:x ] key:b { key:c null } key:d [ true false ] }");
  EXPECT_EQ(events_of("18446744073709551615"), " natural:18446744073709551615");
  EXPECT_EQ(events_of("-9223372036854775808"), " negative:-9223372036854775808");
  EXPECT_EQ(events_of("18446744073709551616"), " real:1.8446744073709552e+19");
}

TEST(JsonText, NamesTheByteThatIsNotJson) {
  EXPECT_EQ(events_of("[1,]"), "bad at 4");
  EXPECT_EQ(events_of("[1] x"), "bad at 5");
  EXPECT_EQ(events_of(std::string_view("[1]\0", 4)), "bad at 4");
  EXPECT_EQ(events_of("\"a\nb\""), "bad at 3");
}

TEST(JsonText, IsReadAtAnyDepthUntilAnEventThrows) {
  class Counter final : public JsonEvents {
   public:
    void null() override {}
    void boolean(bool) override {}
    void negative(int64_t) override {}
    void natural(uint64_t) override {}
    void real(double) override {}
    void text(std::string&) override {}
    void begin_array() override {
      if (++depth == 100000) throw JsonError("enough");
    }
    void end_array() override {}
    void begin_object() override {}
    void key(std::string&) override {}
    void end_object() override {}

    int depth = 0;
  } counter;
  EXPECT_THROW(read_json_events(std::string(1000000, '['), counter), JsonError);
  EXPECT_EQ(counter.depth, 100000);
}

TEST(JsonText, QuotesTexts) {
  EXPECT_EQ(json_quoted("a \"b\" \\ / \n \x01 \x7F é €"), "\"a \\\"b\\\" \\\\ / \\n \\u0001 \x7F é €\"");
  EXPECT_EQ(json_quoted(""), "\"\"");
  EXPECT_THROW(json_quoted("a\xFF"), JsonError);
  EXPECT_EQ(json_quoted("a\xFF"
                        "b",
                        BadUtf8::kReplace),
            "\"a\xEF\xBF\xBD"
            "b\"");
}

TEST(JsonText, WritesNumbersSoThatTheyReadAsTheSame) {
  EXPECT_EQ(json_number(1), "1.0");
  EXPECT_EQ(json_number(-0.0), "-0.0");
  EXPECT_EQ(json_number(0.1), "0.1");
  EXPECT_EQ(json_number(0.1F), "0.10000000149011612");
  EXPECT_EQ(json_number(1e22), "1e+22");
  EXPECT_EQ(json_number(1.25e-7), "1.25e-07");
  EXPECT_EQ(json_number(123456789012345680.0), "1.2345678901234568e+17");
  for (const double x : {std::nan(""), std::numeric_limits<double>::infinity()}) EXPECT_EQ(json_number(x), "null");
  for (const double x : {std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max(), 1.0 / 3}) {
    EXPECT_EQ(std::strtod(json_number(x).c_str(), nullptr), x);
  }
}

}  // namespace
}  // namespace recur
