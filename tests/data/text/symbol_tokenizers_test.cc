#include "recur/data/text/symbol_tokenizers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/data/files/utf8.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

TokenizerOptions counted(int64_t min_count) {
  TokenizerOptions options;
  options.min_count = min_count;
  return options;
}

template <class T>
T fit(const std::string& text, int64_t min_count = 1) {
  const TextSource source = TextSource::from_text("text", text);
  return T::fit(source, source.all(), counted(min_count));
}

Json symbols(const std::string& list) { return parse_json("{\"symbols\": " + list + "}", 2).value(); }

TEST(ByteTokenizer, NumbersBytesInTheirOrderBehindTheUnknownOne) {
  const ByteTokenizer tokenizer = fit<ByteTokenizer>("cab\xFF\n");
  EXPECT_EQ(tokenizer.size(), 6);
  EXPECT_EQ(tokenizer.unknown(), 0);
  EXPECT_THAT(tokenizer.encode("\nabc\xFF"), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(tokenizer.encode(std::string_view("d\0\x80", 3)), ElementsAre(0, 0, 0));
}

TEST(ByteTokenizer, TakesAllBytesThereAreAndGivesThemBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  std::vector<uint8_t> bytes(all.begin(), all.end());
  const ByteTokenizer tokenizer(bytes);
  EXPECT_EQ(tokenizer.size(), 257);
  const std::vector<int32_t> ids = tokenizer.encode(all);
  for (int32_t i = 0; i < 256; ++i) EXPECT_EQ(ids[i], i + 1);
  EXPECT_EQ(tokenizer.decode(ids), all);
}

TEST(ByteTokenizer, RareBytesAreUnknown) {
  const ByteTokenizer tokenizer = fit<ByteTokenizer>("aab", 2);
  EXPECT_THAT(tokenizer.encode("ab"), ElementsAre(1, 0));
  EXPECT_EQ(tokenizer.piece(0, 1), kReplacementCharacter);
  EXPECT_ERROR(fit<ByteTokenizer>("ab", 2), "no symbols");
}

TEST(ByteTokenizer, ComesBackFromItsTextWithTheSameIds) {
  const ByteTokenizer tokenizer = fit<ByteTokenizer>("b\x80z");
  const auto again = Tokenizer::deserialize(tokenizer.serialize());
  EXPECT_EQ(again->kind(), "bytes");
  EXPECT_EQ(again->encode("zb\x80q"), tokenizer.encode("zb\x80q"));
}

TEST(ByteTokenizer, RefusesSymbolsThatAreNoBytes) {
  EXPECT_ERROR(ByteTokenizer::from_json(symbols("[256]")), "expected numbers from 0 to 255, got 256");
  EXPECT_ERROR(ByteTokenizer::from_json(symbols("[-1]")), "got -1");
  EXPECT_ERROR(ByteTokenizer::from_json(symbols("[1.5]")), "got 1.5");
  EXPECT_ERROR(ByteTokenizer::from_json(symbols("[\"a\"]")), "got \"a\"");
  EXPECT_ERROR(ByteTokenizer::from_json(symbols("[2, 1]")), "not in ascending order");
  EXPECT_ERROR(ByteTokenizer::from_json(symbols("[1, 1]")), "not in ascending order");
  EXPECT_ERROR(ByteTokenizer(std::vector<uint8_t>{}), "no symbols");
}

TEST(CharTokenizer, NumbersCodePointsOfAnyWidthInTheirOrder) {
  const CharTokenizer tokenizer = fit<CharTokenizer>("😀€äa\n");
  EXPECT_EQ(tokenizer.size(), 6);
  EXPECT_THAT(tokenizer.encode("\naä€😀"), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(tokenizer.encode("ö😁b"), ElementsAre(0, 0, 0));
  EXPECT_EQ(tokenizer.piece(5, std::nullopt), "😀");
  EXPECT_EQ(tokenizer.decode(tokenizer.encode("a€")), "a€");
}

TEST(CharTokenizer, CountsEachCodePointWhetherAsciiOrNot) {
  const CharTokenizer tokenizer = fit<CharTokenizer>("aaääbö", 2);
  EXPECT_EQ(tokenizer.size(), 3);
  EXPECT_THAT(tokenizer.encode("aäbö"), ElementsAre(1, 2, 0, 0));
}

TEST(CharTokenizer, NamesTheOffsetOfWhatIsNoUtf8) {
  const CharTokenizer tokenizer = fit<CharTokenizer>("aä");
  EXPECT_ERROR(tokenizer.encode("aä\xC3"), "invalid UTF-8 at offset 3");
  EXPECT_ERROR(tokenizer.encode("\xED\xA0\x80"), "invalid UTF-8 at offset 0");  // a surrogate
  EXPECT_ERROR(fit<CharTokenizer>("a\xFF"), "text");
}

TEST(CharTokenizer, ComesBackFromItsTextWithTheSameIds) {
  const CharTokenizer tokenizer = fit<CharTokenizer>("zä😀");
  const auto again = Tokenizer::deserialize(tokenizer.serialize());
  EXPECT_EQ(again->kind(), "chars");
  EXPECT_EQ(again->encode("😀äzq"), tokenizer.encode("😀äzq"));
}

TEST(CharTokenizer, RefusesSymbolsThatAreNoCharacters) {
  EXPECT_ERROR(CharTokenizer::from_json(symbols("[1114112]")), "expected numbers from 0 to 1114111");
  EXPECT_ERROR(CharTokenizer::from_json(symbols("[55296]")), "55296 is not a character");
  EXPECT_ERROR(CharTokenizer::from_json(symbols("[97, 97]")), "not in ascending order");
  EXPECT_ERROR(CharTokenizer::from_json(symbols("[]")), "no symbols");
  EXPECT_NO_THROW(CharTokenizer::from_json(symbols("[0, 1114111]")));
}

}  // namespace
}  // namespace recur
