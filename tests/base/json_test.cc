#include "recur/base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/throws.h"

namespace recur {
namespace {

std::optional<Json> parsed(std::string_view text, int deepest = 3) { return parse_json(text, deepest); }

TEST(Json, IsWrittenInTheOrderItWasMade) {
  const std::vector<std::string> names{"x", "\"y\""};
  Json json{{"z", 1}, {"names", names}, {"a", {{"deep", nullptr}}}, {"empty", Json::object()}};
  json["list"] = Json::array({1, -2.5, "x", nullptr, true, Json::array()});
  json["a"]["more"].push_back(uint64_t{18446744073709551615U});
  EXPECT_EQ(json.dump(), R"({"z":1,"names":["x","\"y\""],"a":{"deep":null,"more":[18446744073709551615]},)"
                         R"("empty":{},"list":[1,-2.5,"x",null,true,[]]})");
}

TEST(Json, WritesWhatIsNotFiniteAsNull) {
  const std::vector<double> values{1, std::nan(""), std::numeric_limits<double>::infinity()};
  EXPECT_EQ(Json(values).dump(), "[1.0,null,null]");
}

TEST(Json, RefusesOrReplacesBytesThatAreNotUtf8) {
  EXPECT_THROW(Json("\xFF").dump(), JsonError);
  EXPECT_EQ((Json{{"\xFF", "\xC3"}}.dump(BadUtf8::kReplace)), "{\"\xEF\xBF\xBD\":\"\xEF\xBF\xBD\"}");
}

TEST(Json, GivesValuesByTheirTypes) {
  const Json json = *parsed(R"({"t": "x", "b": true, "i": -3, "u": 18446744073709551615, "r": 2.5, "n": null,
                               "texts": ["a", "b"], "integers": [1, -2], "reals": [1, 2.5]})");
  EXPECT_EQ(json.at("t").get<std::string>(), "x");
  EXPECT_EQ(json.at("t").get<std::string_view>(), "x");
  EXPECT_TRUE(json.at("b").get<bool>());
  EXPECT_EQ(json.at("i").get<int>(), -3);
  EXPECT_EQ(json.at("i").get<double>(), -3.0);
  EXPECT_EQ(json.at("u").get<uint64_t>(), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(json.at("u").get<double>(), 18446744073709551615.0);
  EXPECT_EQ(json.at("r").get<float>(), 2.5F);
  EXPECT_TRUE(json.at("n").is_null());
  EXPECT_EQ(json.at("texts").get<std::vector<std::string>>(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(json.at("integers").get<std::vector<int64_t>>(), (std::vector<int64_t>{1, -2}));
  EXPECT_EQ(json.at("reals").get<std::vector<double>>(), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(json.at("integers").at(1).get<int>(), -2);
}

TEST(Json, SaysWhatWasExpectedAndWhatIsThere) {
  const Json json = *parsed(R"({"t": "x", "i": -3, "r": 2.5, "big": 18446744073709551615, "list": [1, "x"]})");
  EXPECT_ERROR(json.at("none"), "there is no \"none\"");
  EXPECT_ERROR(json.at("t").get<int>(), "expected an integer, got string");
  EXPECT_ERROR(json.at("t").get<float>(), "expected a number, got string");
  EXPECT_ERROR(json.at("t").get<bool>(), "expected true or false, got string");
  EXPECT_ERROR(json.at("i").get<std::string>(), "expected a text, got number");
  EXPECT_ERROR(json.at("r").get<int64_t>(), "expected an integer, got number");
  EXPECT_ERROR(json.at("i").get<uint64_t>(), "expected an integer from 0 to 18446744073709551615, got -3");
  EXPECT_ERROR(json.at("big").get<int64_t>(), "got 18446744073709551615");
  EXPECT_ERROR(json.at("list").get<std::vector<int64_t>>(), "expected an integer, got string");
  EXPECT_ERROR(json.at("list").at(2), "expected more than 2 values, got 2");
  EXPECT_ERROR(json.at("i").begin(), "expected an array, got number");
  EXPECT_ERROR(json.at("list").find("x"), "expected an object, got array");
}

TEST(Json, TellsIntegersFromOtherNumbers) {
  EXPECT_TRUE(parsed("9223372036854775807")->is_integer());
  EXPECT_FALSE(parsed("9223372036854775808")->is_integer());
  EXPECT_TRUE(parsed("9223372036854775808")->is_unsigned());
  EXPECT_FALSE(parsed("-1")->is_unsigned());
  EXPECT_TRUE(Json(7).is_unsigned());
  EXPECT_TRUE(parsed("1.0")->is_real());
  EXPECT_FALSE(parsed("1")->is_real());
}

TEST(Json, IsAValue) {
  Json json{{"a", Json::array({1, "long enough not to be stored in place, as short ones are"})}};
  const Json copy = json;
  json["a"].push_back(2);
  EXPECT_NE(json, copy);
  EXPECT_EQ(copy.at("a").size(), 2U);
  const Json moved = std::move(json);
  EXPECT_EQ(moved.at("a").size(), 3U);
  json = copy;
  EXPECT_EQ(json, copy);
  json = std::move(json["a"]);
  EXPECT_EQ(json, copy.at("a"));
}

TEST(Json, OfKeysThatComeAgainKeepsTheLast) {
  EXPECT_EQ(parsed(R"({"a": 1, "b": 2, "a": 3, "c": 4, "a": 5})")->dump(), R"({"b":2,"c":4,"a":5})");
  EXPECT_EQ((Json{{"a", 1}, {"a", 2}}.dump()), R"({"a":2})");
}

TEST(ParseJson, GivesTheDocument) {
  EXPECT_EQ(parsed(R"({"a": [1, -2.5, "x", null, true]})"), (Json{{"a", Json::array({1, -2.5, "x", nullptr, true})}}));
  EXPECT_EQ(parsed(" 3 "), Json(3));
  EXPECT_EQ(parsed("null"), Json());
  EXPECT_EQ(parsed(R"({"z": 1, "a": 2})")->dump(), R"({"z":1,"a":2})");
}

TEST(ParseJson, CountsArraysAndObjectsInsideEachOther) {
  EXPECT_TRUE(parsed("7", 0));
  EXPECT_FALSE(parsed("[]", 0));
  EXPECT_FALSE(parsed("{}", 0));
  EXPECT_TRUE(parsed("[1]", 1));
  EXPECT_FALSE(parsed("[[]]", 1));
  EXPECT_TRUE(parsed(R"([{"a": []}])", 3));
  EXPECT_FALSE(parsed(R"([{"a": [{}]}])", 3));
  EXPECT_TRUE(parsed("[[], [], [[]], {}]", 3));  // beside each other is not inside
}

TEST(ParseJson, IsNotExhaustedByDeepNesting) {
  for (const char* open : {"[", "{\"a\":"}) {
    std::string text;
    for (int i = 0; i < 200000; ++i) text += open;
    EXPECT_FALSE(parsed(text)) << open;
  }
}

TEST(ParseJson, IsNotExhaustedByManyKeys) {
  std::string text = "{";
  for (int i = 0; i < 200000; ++i) text += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":1";
  EXPECT_EQ(parsed(text + "}")->size(), 200000U);
}

TEST(ParseJson, GivesNothingForWhatIsNoJson) {
  for (const std::string_view text : {"", " ", "{", "[1,]", "{} {}", "nan", "01", "'a'", "\"\xFF\"", "\"\xC3\"",
                                      "1e999", "[1e999]", "\"\\ud800\"", "/**/1"}) {
    EXPECT_FALSE(parsed(text)) << text;
  }
  EXPECT_FALSE(parsed(std::string_view("1\0", 2)));
}

}  // namespace
}  // namespace recur
