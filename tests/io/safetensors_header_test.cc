#include "recur/io/safetensors_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"

namespace recur::internal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Header parsed(std::string_view json) { return parse_header(json, "m.safetensors"); }

std::string entry(const std::string& fields) { return "{\"w\": {" + fields + "}}"; }

TEST(SafetensorsHeader, KeepsEntriesInTheOrderOfTheFile) {
  const Header header = parsed(R"({"z": {"dtype": "F32", "shape": [2, 3], "data_offsets": [8, 32]},
                                   "a": {"data_offsets": [0, 8], "shape": [], "dtype": "odd"}, "__metadata__": {}})");
  ASSERT_EQ(header.entries.size(), 2u);
  EXPECT_EQ(header.entries[0].name, "z");
  EXPECT_THAT(header.entries[0].shape, ElementsAre(2, 3));
  EXPECT_EQ(header.entries[0].begin, 8u);
  EXPECT_EQ(header.entries[0].end, 32u);
  EXPECT_THAT(header.entries[1].shape, IsEmpty());
  EXPECT_EQ(header.entries[1].dtype, "odd");  // whether types make sense is the caller's to say
  EXPECT_THAT(header.metadata, IsEmpty());
}

TEST(SafetensorsHeader, HoldsMetadataAsText) {
  const Header header = parsed(R"({"__metadata__": {"task": "lm", "q": "\"\u00e4\n", "": ""}})");
  EXPECT_THAT(header.metadata, ElementsAre(Pair("", ""), Pair("q", "\"ä\n"), Pair("task", "lm")));
  EXPECT_THAT(header.entries, IsEmpty());
  EXPECT_THAT(parsed("{}").entries, IsEmpty());
}

TEST(SafetensorsHeader, ComesBackFromItsText) {
  const Header header{.metadata = {{"k\"", "v\\\n"}, {"ä", ""}},
                      .entries = {{.name = "b.\"w\"", .dtype = "F32", .shape = {0, 4}, .begin = 0, .end = 0},
                                  {.name = "a", .dtype = "I64", .shape = {}, .begin = 0, .end = 8}}};
  const std::string text = format_header(header, "m.safetensors");
  EXPECT_EQ(text.find(' '), std::string::npos);
  const Header again = parsed(text);
  EXPECT_EQ(again.metadata, header.metadata);
  ASSERT_EQ(again.entries.size(), 2u);
  EXPECT_EQ(again.entries[0].name, "b.\"w\"");
  EXPECT_THAT(again.entries[0].shape, ElementsAre(0, 4));
  EXPECT_EQ(again.entries[1].end, 8u);
  EXPECT_EQ(format_header(again, "m.safetensors"), text);
  EXPECT_EQ(format_header({}, "m.safetensors"), "{}");
}

TEST(SafetensorsHeader, TakesTheLargestSizesAndNoLarger) {
  const Header header =
      parsed(entry(R"("dtype": "F32", "shape": [9223372036854775807], "data_offsets": [0, 18446744073709551615])"));
  EXPECT_EQ(header.entries[0].shape[0], INT64_MAX);
  EXPECT_EQ(header.entries[0].end, UINT64_MAX);
  for (const char* shape :
       {"9223372036854775808", "18446744073709551616", "-1", "1.0", "1e3", "\"1\"", "null", "[1]", "{}", "true"}) {
    EXPECT_ERROR(parsed(entry(std::string(R"("dtype": "F32", "shape": [)") + shape + "], \"data_offsets\": [0, 4]")),
                 "m.safetensors: tensor \"w\": shape")
        << shape;
  }
}

TEST(SafetensorsHeader, HoldsSixtyFourDimensionsAndNoMore) {
  const auto of_rank = [](int rank) {
    std::string shape = "1";
    for (int i = 1; i < rank; ++i) shape += ",1";
    return entry("\"dtype\": \"F32\", \"shape\": [" + shape + "], \"data_offsets\": [0, 4]");
  };
  EXPECT_EQ(parsed(of_rank(64)).entries[0].shape.size(), 64u);
  EXPECT_ERROR(parsed(of_rank(65)), "m.safetensors: tensor \"w\": more than 64 dimensions");
  EXPECT_ERROR(parsed(of_rank(100000)), "more than 64 dimensions");
}

TEST(SafetensorsHeader, NeedsTwoOffsets) {
  const auto with = [](const std::string& offsets) {
    return entry("\"dtype\": \"F32\", \"shape\": [], \"data_offsets\": [" + offsets + "]");
  };
  EXPECT_ERROR(parsed(with("")), "expected 2 data_offsets, got 0");
  EXPECT_ERROR(parsed(with("0")), "expected 2 data_offsets, got 1");
  EXPECT_ERROR(parsed(with("0, 4, 8")), "expected 2 data_offsets, got 3");
  EXPECT_ERROR(parsed(with("0, 4, 8, 12")), "expected 2 byte offsets");
}

TEST(SafetensorsHeader, RefusesWhatIsThereTwiceOrNotOfTheFormat) {
  const std::string good = R"("dtype": "F32", "shape": [], "data_offsets": [0, 4])";
  EXPECT_ERROR(parsed("{\"w\": {" + good + "}, \"w\": {" + good + "}}"), "\"w\" is there twice");
  EXPECT_ERROR(parsed(R"({"__metadata__": {"a": "1", "a": "2"}})"), "metadata \"a\" is there twice");
  EXPECT_ERROR(parsed(R"({"__metadata__": {}, "__metadata__": {}})"), "is there twice");
  EXPECT_ERROR(parsed(entry(good + ", \"dtype\": \"F32\"")), "tensor \"w\": dtype is there twice");
  EXPECT_ERROR(parsed(entry(good + ", \"strides\": [1]")), "got \"strides\"");
  EXPECT_ERROR(parsed(entry(R"("dtype": "F32", "shape": [])")), "got 2 of them");
  EXPECT_ERROR(parsed(R"({"__metadata__": {"a": 1}})"), "m.safetensors");
  EXPECT_ERROR(parsed(R"({"__metadata__": {"a": {}}})"), "m.safetensors");
  EXPECT_ERROR(parsed(R"({"w": 1})"), "m.safetensors");
  EXPECT_ERROR(parsed(entry(R"("dtype": ["F32"], "shape": [], "data_offsets": [0, 4])")),
               "m.safetensors: tensor \"w\": dtype: expected a string, got an array");
}

TEST(SafetensorsHeader, RefusesWhatIsNoJsonFromItsFirstByteToItsLast) {
  EXPECT_ERROR(parsed(""), "does not begin with '{'");
  EXPECT_ERROR(parsed("\xEF\xBB\xBF{}"), "does not begin with '{'");
  EXPECT_ERROR(parsed(std::string_view("{}\0{", 4)), "zero byte");
  for (const char* bad : {"{", "{}}", "{} x", "{\"a\"}", "{\"\xFF\": {}}", "{,}"})
    EXPECT_ERROR(parsed(bad), "m.safetensors");
  EXPECT_NO_THROW(parsed("{}   \n"));  // files are padded with blanks
}

TEST(SafetensorsHeader, WritesNoTextThatIsNotUtf8) {
  EXPECT_ERROR(format_header({.metadata = {{"a", "\xFF"}}, .entries = {}}, "m.safetensors"), "m.safetensors");
  EXPECT_ERROR(format_header({.metadata = {}, .entries = {{.name = "\xC3", .dtype = "F32", .shape = {}}}}, "f"), "f: ");
}

TEST(Printable, IsShortAndWithoutControlCharacters) {
  EXPECT_EQ(printable("rnn.weight"), "rnn.weight");
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable("a\x1B[31m\n\x7F"), "a?[31m??");
  EXPECT_EQ(printable(std::string(80, 'x')), std::string(80, 'x'));
  EXPECT_EQ(printable(std::string(81, 'x')), std::string(80, 'x') + "...");
}

}  // namespace
}  // namespace recur::internal
