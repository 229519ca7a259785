#include "recur/tasks/lm/lm_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/lm/fixed_lm.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;

struct Line {
  int64_t number, symbols;
  double loss, perplexity;
};

std::vector<Line> scored(const LmModel& model, const Tokenizer& tokenizer, const TextSource& source) {
  Kept rows;
  score_lines(model, tokenizer, source, rows);
  EXPECT_THAT(rows.names(), ElementsAre("line", "symbols", "loss", "perplexity"));
  std::vector<Line> out;
  for (const auto& row : rows.rows()) {
    out.push_back(
        {std::get<int64_t>(row[0]), std::get<int64_t>(row[1]), std::get<double>(row[2]), std::get<double>(row[3])});
  }
  return out;
}

std::vector<Line> scored(const LmModel& model, const Tokenizer& tokenizer, std::string text) {
  return scored(model, tokenizer, TextSource::from_text("text", std::move(text)));
}

TEST(ScoreLines, OfAModelThatHeedsNoContextAreMeansOfItsLogarithms) {
  const auto tokenizer = tokenizer_of("\nab");  // unknown, newline, a, b
  const LmModel model = lm_of_shares({0.1, 0.2, 0.3, 0.4});
  const auto lines = scored(model, *tokenizer, "aab\nb\nz\n");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].symbols, 4);  // the end counts
  EXPECT_NEAR(lines[0].loss, -(2 * std::log(0.3) + std::log(0.4) + std::log(0.2)) / 4, 1e-6);
  EXPECT_NEAR(lines[1].loss, -(std::log(0.4) + std::log(0.2)) / 2, 1e-6);
  EXPECT_NEAR(lines[2].loss, -(std::log(0.1) + std::log(0.2)) / 2, 1e-6);
  for (const Line& line : lines) EXPECT_NEAR(line.perplexity, std::exp(line.loss), 1e-9);
}

TEST(ScoreLines, NumbersEmptyLinesAndLeavesThemOut) {
  const auto tokenizer = tokenizer_of("\nab");
  const auto lines = scored(lm_of_shares({0.1, 0.2, 0.3, 0.4}), *tokenizer, "\na\n\n\nb");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].number, 2);
  EXPECT_EQ(lines[1].number, 5);
  EXPECT_EQ(lines[1].symbols, 1);  // the last one has no end
  EXPECT_NEAR(lines[1].loss, -std::log(0.4), 1e-6);
}

TEST(ScoreLines, ALineIsScoredTheSameAloneAndAmongOthers) {
  const std::string text = "abba\nb\naab ab\n";
  const auto tokenizer = tokenizer_of(text);
  const LmModel model = drawn_lm(tokenizer->size());
  const auto together = scored(model, *tokenizer, text);
  EXPECT_NEAR(scored(model, *tokenizer, "aab ab\n")[0].loss, together[2].loss, 1e-6);
  EXPECT_NEAR(scored(model, *tokenizer, "b\nabba\n")[1].loss, together[0].loss, 1e-6);
}

TEST(ScoreLines, FollowTheBeginningAndEachOtherSymbolBySymbol) {
  std::string line;
  for (int i = 0; i < 700; ++i) line += "abc"[i * i % 7 % 3];  // longer than what is run in one piece
  line += "\n";
  const auto tokenizer = tokenizer_of(line);
  const LmModel model = drawn_lm(tokenizer->size());
  std::vector<int32_t> ids{beginning_symbol(*tokenizer)};
  tokenizer->encode(line, ids);
  const std::vector<double> want = surprises(model, ids);
  const auto lines = scored(model, *tokenizer, line);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].symbols, 701);
  EXPECT_NEAR(lines[0].loss, std::accumulate(want.begin(), want.end(), 0.0) / 701, 1e-4);
}

TEST(ScoreLines, ALineEndsWithItsFile) {
  const Scratch folder;
  const TextSource source({folder.put("a.txt", "ab"), folder.put("b.txt", "ba\n")});
  const auto tokenizer = tokenizer_of("\nab");
  const auto lines = scored(lm_of_shares({0.1, 0.2, 0.3, 0.4}), *tokenizer, source);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].symbols, 2);
  EXPECT_EQ(lines[1].symbols, 3);
}

TEST(ScoreLines, BytesNeedBeNoTextAndCharactersMust) {
  const auto bytes = tokenizer_of("\nab", kind_of("bytes")), characters = tokenizer_of("\nab");
  const LmModel model = lm_of_shares({0.1, 0.2, 0.3, 0.4});
  const auto lines = scored(model, *bytes, "a\xFF\n");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NEAR(lines[0].loss, -(std::log(0.3) + std::log(0.1) + std::log(0.2)) / 3, 1e-6);
  EXPECT_ERROR(scored(model, *characters, "a\xFF\n"), "text");
}

TEST(ScoreLines, OfWordsCountTheEndOfALineWhereItIsASymbol) {
  for (const bool line_ends : {true, false}) {
    const auto tokenizer = tokenizer_of("a b\n", kind_of("words", line_ends));
    const LmModel model = drawn_lm(tokenizer->size());
    const auto lines = scored(model, *tokenizer, "a b a\n");
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].symbols, line_ends ? 4 : 3);
  }
}

TEST(BeginningSymbol, IsWhatEndsALineOrTheLastOfTheVocabulary) {
  const auto characters = tokenizer_of("\nab"), without = tokenizer_of("ab");
  EXPECT_EQ(beginning_symbol(*characters), 1);
  EXPECT_EQ(beginning_symbol(*without), 2);
  const auto words = tokenizer_of("a b\n", kind_of("words")), plain = tokenizer_of("a b\n", kind_of("words", false));
  EXPECT_EQ(beginning_symbol(*words), *words->line_end());
  EXPECT_EQ(beginning_symbol(*plain), plain->size() - 1);
}

}  // namespace
}  // namespace recur
