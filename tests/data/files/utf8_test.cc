#include "recur/data/files/utf8.h"

#include <gtest/gtest.h>

#include "recur/data/files/valid_utf8.h"

namespace recur {
namespace {

std::string encoded(char32_t value) {
  std::string text;
  append_utf8(text, value);
  return text;
}

TEST(Utf8, EveryCodePointComesBack) {
  for (char32_t value = 0; value <= 0x10FFFF; ++value) {
    if (!is_code_point(value)) continue;
    const std::string text = encoded(value);
    const auto decoded = decode_utf8(text, 0);
    ASSERT_EQ(decoded.value, value);
    ASSERT_EQ(decoded.bytes, text.size());
  }
}

TEST(Utf8, RefusesWhatTheStandardRefuses) {
  for (const std::string_view bad : {"\x80",              // continuation without a start
                                     "\xC0\x80",          // overlong
                                     "\xC1\xBF",          // overlong
                                     "\xE0\x9F\xBF",      // overlong
                                     "\xF0\x8F\xBF\xBF",  // overlong
                                     "\xED\xA0\x80",      // surrogate
                                     "\xED\xBF\xBF",      // surrogate
                                     "\xF4\x90\x80\x80",  // above U+10FFFF
                                     "\xF5\x80\x80\x80",  // above U+10FFFF
                                     "\xFF",
                                     "\xC3",          // cut off
                                     "\xE2\x82",      // cut off
                                     "\xF0\x9F\x98",  // cut off
                                     "\xC3(", "\xE2\x82("}) {
    const std::string text = "twelve bytes" + std::string(bad);
    EXPECT_EQ(find_invalid_utf8(text), 12u) << testing::PrintToString(bad);
    EXPECT_EQ(decode_utf8(text, 12).bytes, 0u);
  }
  EXPECT_EQ(find_invalid_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z"), kNoPosition);
  EXPECT_EQ(find_invalid_utf8(""), kNoPosition);
}

TEST(Utf8, APrefixMayEndWithinACodePoint) {
  const std::string text = "text \xF0\x9F\x98\x80";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(find_invalid_utf8_in_prefix(text.substr(0, cut)), kNoPosition) << cut;
  }
  EXPECT_EQ(find_invalid_utf8_in_prefix("a\xE2("), 1u);
  EXPECT_EQ(find_invalid_utf8_in_prefix("a\xFF"), 1u);
  EXPECT_EQ(find_invalid_utf8_in_prefix("a\xFF long enough to hold it"), 1u);
}

TEST(Utf8, LowerCaseOfSeveralScripts) {
  const std::u32string capitals = U"AZÄØĀĦĹŊŹŸΑΩАЯЁ", small = U"azäøāħĺŋźÿαωаяё";
  for (size_t i = 0; i < capitals.size(); ++i) {
    EXPECT_EQ(lower_case(capitals[i]), small[i]) << i;
    EXPECT_EQ(lower_case(small[i]), small[i]) << i;
  }
  for (const char32_t same : U"1 [×ßĸŉſ中") EXPECT_EQ(lower_case(same), same);
}

TEST(ValidUtf8, ReplacesBytesThatAreNoText) {
  EXPECT_EQ(valid_utf8("a é"), "a é");
  EXPECT_EQ(valid_utf8("a\xC3z\xFF"), "a\xEF\xBF\xBDz\xEF\xBF\xBD");
  EXPECT_EQ(valid_utf8(""), "");
}

}  // namespace
}  // namespace recur
