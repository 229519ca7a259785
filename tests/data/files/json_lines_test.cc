#include "recur/data/files/json_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

JsonLines lines_of(std::string text) { return JsonLines(DataFile::from_memory("a.jsonl", std::move(text))); }

JsonLines first_of(std::string text) {
  JsonLines lines = lines_of(std::move(text));
  EXPECT_TRUE(lines.next());
  return lines;
}

TEST(JsonLines, GivesObjectsInOrderAndSkipsBlankLines) {
  JsonLines lines = lines_of("\n{\"a\": 1}\r\n \t\n\n{\"a\": 2}");
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.line(), 2);
  EXPECT_EQ(lines.object().at("a"), 1);
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.line(), 5);
  EXPECT_EQ(lines.object().at("a"), 2);
  EXPECT_FALSE(lines.next());
}

TEST(JsonLines, OfAnEmptyFileThereAreNone) {
  EXPECT_FALSE(lines_of("").next());
  EXPECT_FALSE(lines_of("\n\n").next());
}

TEST(JsonLines, KeepsTheOrderOfKeys) {
  const JsonLines lines = first_of(R"({"z": 1, "a": 2, "M": 3})");
  EXPECT_THAT(lines.keys(), ElementsAre("z", "a", "M"));
  const std::vector<std::string_view> names{"m", "a"};
  EXPECT_THAT(lines.first_key(names), Optional(Eq("a")));
  const std::vector<std::string_view> small{"m"}, none{"M", "q"};
  EXPECT_THAT(lines.first_key(small), Optional(Eq("M")));
  EXPECT_FALSE(lines.first_key(none));
}

TEST(JsonLines, GivesScalarsAsText) {
  const JsonLines lines =
      first_of(R"({"s": "ä\"", "i": -7, "f": 0.1, "e": 1e3, "b": false, "n": null, "big": 18446744073709551615})");
  EXPECT_THAT(lines.scalar("s"), Optional(Eq("ä\"")));
  EXPECT_THAT(lines.scalar("i"), Optional(Eq("-7")));
  EXPECT_THAT(lines.scalar("f"), Optional(Eq("0.1")));
  EXPECT_THAT(lines.scalar("e"), Optional(Eq("1000.0")));
  EXPECT_THAT(lines.scalar("b"), Optional(Eq("false")));
  EXPECT_THAT(lines.scalar("n"), Optional(Eq("")));
  EXPECT_THAT(lines.scalar("big"), Optional(Eq("18446744073709551615")));
  EXPECT_FALSE(lines.scalar("absent"));
}

TEST(JsonLines, NamesTheLineAndKeyOfWhatIsNoScalar) {
  const JsonLines lines = first_of("\n{\"a\": [1], \"o\": {}}");
  EXPECT_ERROR(lines.scalar("a"), "a.jsonl:2: key 'a': expected one value, got array");
  EXPECT_ERROR(lines.scalar("o"), "a.jsonl:2: key 'o': expected one value, got object");
  EXPECT_FALSE(json_scalar_text(lines.object()));
}

TEST(JsonLines, TakesNaNAsPythonWritesItForNull) {
  JsonLines lines(DataFile::from_memory("a", R"({"x": [1, NaN, 2], "s": "NaN \" NaN", "y": NaN})"));
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.object().dump(), R"({"x":[1,null,2],"s":"NaN \" NaN","y":null})");
  JsonLines infinite(DataFile::from_memory("a", R"({"x": -Infinity})"));
  EXPECT_ERROR(infinite.next(), "a:1: position 8: Infinity is not a JSON number");
}

TEST(JsonLines, NamesWhatElseIsWrong) {
  const auto read = [](std::string text) { JsonLines(DataFile::from_memory("a", std::move(text))).next(); };
  EXPECT_ERROR(read("{\"x\": \"h\xF6her\"}"), "a:1: expected a JSON object in UTF-8, but byte 9 is not UTF-8");
  EXPECT_ERROR(read("[1, 2]"), "a:1: expected a JSON object in this line, got an array");
  EXPECT_ERROR(read("{\"x\": 1e400}"), "position 11: the number 1e400 is too large");
  EXPECT_ERROR(read("{\"x\": NaN, \"y\": 1e400}"), "position 21: the number 1e400 is too large");
  EXPECT_ERROR(read("{\"x\": \"a \\ud800 b\"}"), "\\ud800 is half of a surrogate pair, and no character");
  EXPECT_ERROR(read("{\"x\": [[[[[[[[1]]]]]]]]}"), "arrays and objects lie more than 8 deep in each other");
  EXPECT_ERROR(read("{\"x\": 1, \"y\": 2, \"x\": 3}"), "a:1: an object has the key 'x' twice");
  EXPECT_ERROR(read("{\"x\": 1,"), "cut off");
  EXPECT_ERROR(read("{\n\"x\": 1}"), "an object must be in one line, or in an array of objects");
}

TEST(JsonLines, ReadsOneArrayOfObjects) {
  for (const char* text : {"[{\"a\": 1, \"s\": \"}]{\\\"\"},{\"a\":[2]}]",
                           "\n[\n  {\n\"a\": 1\n, \"s\": \"\"}\n,\n{\"a\": [2\n]} ]\n\n"}) {
    JsonLines lines = lines_of(text);
    ASSERT_TRUE(lines.next()) << text;
    EXPECT_EQ(lines.object().at("a"), 1);
    ASSERT_TRUE(lines.next());
    EXPECT_EQ(lines.object().at("a").size(), 1u);
    EXPECT_FALSE(lines.next());
  }
  JsonLines lines = lines_of("[\n{\"a\": 1},\n{\n\"a\": 1e400}]");
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.line(), 2);
  EXPECT_ERROR(lines.next(), "a.jsonl:4: expected a JSON object, got '\"a\": 1e400}'; position 10: the number");
}

TEST(JsonLines, NamesWhatIsWrongInAnArray) {
  const auto read_all = [](std::string text) {
    JsonLines lines = lines_of(std::move(text));
    while (lines.next()) {
    }
  };
  EXPECT_ERROR(read_all("[{}"), "a.jsonl:1: the array is not closed");
  EXPECT_ERROR(read_all("[{} {}]"), "expected , or ] behind an object");
  EXPECT_ERROR(read_all("[{},\n3]"), "a.jsonl:2: expected JSON objects in the array");
  EXPECT_ERROR(read_all("[{}]\n{}"), "a.jsonl:2: expected nothing behind the array");
  EXPECT_ERROR(read_all("[{\"a\":\n1"), "the object is cut off");
}

TEST(JsonLines, AreKnownByTheirFirstBytes) {
  for (const char* head : {"{\"a\"", "\n {", "[{\"a\":1}]", "[\n\n  {\n \"a\"", "{}"})
    EXPECT_TRUE(begins_json_objects(head));
  for (const char* head : {"", "[1,2]", "{word}", "a,b", "[text]"}) EXPECT_FALSE(begins_json_objects(head)) << head;
}

TEST(JsonLines, NamesTheLineOfWhatIsNoObject) {
  for (const char* bad : {"[1]", "3", "\"a\"", "null", "{", "{\"a\": 1}}", "{\"a\": 1} {\"b\": 2}", "{'a': 1}",
                          "{\"a\": 1e999}", "{\"a\": \"\xFF\"}"}) {
    JsonLines lines = lines_of(std::string("{}\n") + bad + "\n{}\n");
    EXPECT_TRUE(lines.next());
    EXPECT_ERROR(lines.next(), "a.jsonl:2: expected a JSON object") << bad;
  }
}

TEST(JsonLines, RefusesObjectsThatNestTooDeep) {
  const auto nested = [](int depth) {
    return "{\"a\": " + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_TRUE(lines_of(nested(JsonLines::kDeepest)).next());
  EXPECT_ERROR(lines_of(nested(JsonLines::kDeepest + 1)).next(), "expected a JSON object");
  EXPECT_ERROR(lines_of(nested(1000000)).next(), "expected a JSON object");  // would overflow a recursive parser
}

}  // namespace
}  // namespace recur
