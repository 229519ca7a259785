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

TEST(SubwordTokenizer, DropoutOfNothingSplitsAsTheLibraryDoes) {
  const std::string text = text_of(40) + "walk\n\nkleiner  Spaß \xE2\x96\x81 <0x41> talked\n" + " jumping";
  for (const char* model : {"unigram", "bpe"}) {
    const SubwordTokenizer tokenizer = fit(text_of(200), 320, model);
    Random random(1);
    std::vector<int32_t> split;
    tokenizer.encode(text, 0, random, split);
    EXPECT_EQ(split, tokenizer.encode(text)) << model;
  }
}

TEST(SubwordTokenizer, DropoutSplitsTheSameTextIntoMoreSubwordsInManyWays) {
  const std::string text = "walking talked jumper calls";
  for (const char* model : {"unigram", "bpe"}) {
    const SubwordTokenizer tokenizer = fit(text_of(200), 320, model);
    const auto mean_of = [&](double p, std::set<std::vector<int32_t>>& ways) {
      Random random(2);
      size_t sum = 0;
      for (int i = 0; i < 200; ++i) {
        std::vector<int32_t> split;
        tokenizer.encode(text, p, random, split);
        EXPECT_EQ(tokenizer.decode(split), text);
        sum += split.size();
        ways.insert(split);
      }
      return static_cast<double>(sum) / 200;
    };
    std::set<std::vector<int32_t>> some, most;
    const double plain = static_cast<double>(tokenizer.encode(text).size());
    const double little = mean_of(0.1, some), much = mean_of(0.9, most);
    EXPECT_GT(little, plain) << model;
    EXPECT_LT(little, 2 * plain) << model;
    EXPECT_GT(much, 0.7 * static_cast<double>(text.size())) << model;
    EXPECT_GT(some.size(), 10U) << model;
  }
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
