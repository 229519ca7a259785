#include "recur/base/parse_json.h"

#include <gtest/gtest.h>

namespace recur::internal {
namespace {

using Json = nlohmann::json;

std::optional<Json> parsed(std::string_view text, int deepest = 3) { return parse_json<Json>(text, deepest); }

TEST(ParseJson, GivesTheDocument) {
  EXPECT_EQ(parsed(R"({"a": [1, -2.5, "x", null, true]})"), Json::parse(R"({"a": [1, -2.5, "x", null, true]})"));
  EXPECT_EQ(parsed(" 3 "), Json(3));
  EXPECT_EQ(parsed("null"), Json());
}

TEST(ParseJson, KeepsTheOrderOfKeysWhereTheTypeDoes) {
  const auto ordered = parse_json<nlohmann::ordered_json>(R"({"z": 1, "a": 2})", 1);
  ASSERT_TRUE(ordered);
  EXPECT_EQ(ordered->dump(), R"({"z":1,"a":2})");
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

TEST(ParseJson, GivesNothingForWhatIsNoJson) {
  for (const std::string_view text : {"", " ", "{", "[1,]", "{} {}", "nan", "01", "'a'", "\"\xFF\"", "\"\xC3\"",
                                      "1e999", "[1e999]", "\"\\ud800\"", "/**/1"}) {
    EXPECT_FALSE(parsed(text)) << text;
  }
  EXPECT_FALSE(parsed(std::string_view("1\0", 2)));
}

}  // namespace
}  // namespace recur::internal
