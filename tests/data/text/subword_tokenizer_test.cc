#include "recur/data/text/subword_tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "recur/base/random.h"
#include "recur/data/files/utf8.h"
#include "recur/data/text/corpus.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

std::string text_of(int lines) {
  Random random(5);
  static const char* const kStems[] = {"walk", "talk", "jump", "look", "call"};
  static const char* const kEnds[] = {"s", "ed", "ing", "er", ""};
  std::string text;
  for (int i = 0; i < lines; ++i) {
    for (int j = 0; j < 6; ++j) text += std::string(kStems[random.below(5)]) + kEnds[random.below(5)] + " ";
    text += "\n";
  }
  return text;
}

SubwordTokenizer fit(const std::string& text, int64_t size = 320, const std::string& model = "unigram") {
  const auto source = TextSource::from_text("text", text);
  return SubwordTokenizer::fit(source, source.all(), {.kind = "subwords", .vocabulary = size, .model = model});
}

TEST(SubwordTokenizer, FindsThePiecesThatWordsAreMadeOf) {
  for (const char* model : {"unigram", "bpe"}) {
    const SubwordTokenizer tokenizer = fit(text_of(200), 320, model);
    size_t longest = 0;
    for (int32_t id = 0; id < tokenizer.size(); ++id)
      longest = std::max(longest, tokenizer.piece(id, std::nullopt).size());
    EXPECT_GE(longest, 3U) << model;
    EXPECT_LT(tokenizer.encode("walking talked jumper").size(), 13U) << model;
    EXPECT_LE(tokenizer.size(), 320);
  }
}

TEST(SubwordTokenizer, EveryByteHasASymbolSoThatNothingIsUnknown) {
  const SubwordTokenizer tokenizer = fit(text_of(50));
  EXPECT_FALSE(tokenizer.unknown().has_value());
  std::set<int32_t> ids;
  for (char32_t c = 1; c < 0x3000; c += 7) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    append_utf8(text, c);
    const auto encoded = tokenizer.encode(text);
    EXPECT_FALSE(encoded.empty());
    EXPECT_EQ(tokenizer.decode(encoded), text);
    ids.insert(encoded.begin(), encoded.end());
  }
  EXPECT_GT(ids.size(), 60U);
}

TEST(SubwordTokenizer, TheSameTextGivesTheSameModel) {
  EXPECT_EQ(fit(text_of(60)).serialize(), fit(text_of(60)).serialize());
}

TEST(SubwordTokenizer, LinesAreEncodedByThemselves) {
  const SubwordTokenizer tokenizer = fit(text_of(50));
  auto whole = tokenizer.encode("walking\n\ntalked");
  std::vector<int32_t> parts;
  for (const char* part : {"walking\n", "\n", "talked"}) tokenizer.encode(part, parts);
  EXPECT_EQ(whole, parts);
}

TEST(SubwordTokenizer, ACorpusInAFileHoldsTheWholeText) {
  const std::string text = text_of(100);
  const auto source = TextSource::from_text("text", text);
  const std::shared_ptr<const Tokenizer> tokenizer =
      fit_tokenizer(source, source.all(), {.kind = "subwords", .vocabulary = 300});
  const Corpus corpus(source, source.all(), tokenizer, {.memory_bytes = 0, .scratch_in = {}});
  std::vector<int32_t> ids(static_cast<size_t>(corpus.size()));
  corpus.read(0, ids);
  EXPECT_EQ(tokenizer->decode(ids), text);
}

TEST(SubwordTokenizer, RefusesAModelWithoutByteSymbolsOrOfNothing) {
  EXPECT_ERROR(SubwordTokenizer(""), "SentencePiece");
  EXPECT_ERROR(SubwordTokenizer("no model"), "SentencePiece");
  EXPECT_THROW(SubwordTokenizer::from_json(Json{{"model", "!!"}}), Error);
}

}  // namespace
}  // namespace recur
