// BLEU, chrF and the edits of strings.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "recur/base/file.h"
#include "recur/base/json.h"
#include "recur/base/random.h"
#include "recur/data/files/data_file.h"
#include "recur/data/text/words.h"
#include "recur/tasks/metrics/bleu.h"
#include "recur/tasks/metrics/chrf.h"
#include "recur/tasks/metrics/text_units.h"
#include "recur/tasks/metrics/token_errors.h"

namespace recur {
namespace {

using Lines = std::vector<std::string>;
using Views = std::vector<std::string_view>;

const Json& golden() {
  static const Json json =
      parse_json(DataFile(std::string(RECUR_TEST_DATA) + "/golden/text_metrics.json").content(1 << 22), 4).value();
  return json;
}

TEST(Bleu, TokenisesAsSacrebleuDoes) {
  const Lines tokens = golden().at("tokens").get<Lines>();
  size_t at = 0;
  for (const Json& corpus : golden().at("corpora")) {
    for (const std::string& line : corpus.at("hypotheses").get<Lines>()) EXPECT_EQ(tokenize_13a(line), tokens[at++]);
  }
  EXPECT_EQ(at, tokens.size());
  EXPECT_GT(at, 200u);
}

TEST(TextScores, EqualSacrebleu) {
  for (const Json& corpus : golden().at("corpora")) {
    const auto said = corpus.at("hypotheses").get<Lines>(), right = corpus.at("references").get<Lines>();
    BleuMeter bleu;
    ChrfMeter chrf;
    for (size_t i = 0; i < said.size(); ++i) {
      bleu.add(said[i], right[i]);
      chrf.add(said[i], right[i]);
    }
    EXPECT_NEAR(bleu.score(), corpus.at("bleu").get<double>(), 1e-9);
    EXPECT_NEAR(chrf.score(), corpus.at("chrf").get<double>(), 1e-9);
  }
}

TEST(Bleu, ByHand) {
  EXPECT_EQ(tokenize_13a("He paid $1,000.50 (in 1999-2000), &quot;didn't he?&quot;"),
            "He paid $ 1,000.50 ( in 1999 - 2000 ) , \" didn't he ? \"");
  BleuMeter meter;
  EXPECT_EQ(meter.score(), 0);  // of nothing
  meter.add("a b c d e", "a b c d f");
  // Precisions 4/5, 3/4, 2/3, 1/2.
  EXPECT_NEAR(meter.score(), 100 * std::pow(4 / 5.0 * 3 / 4 * 2 / 3 * 1 / 2, 0.25), 1e-9);
}

TEST(Bleu, AShortHypothesisIsPenalised) {
  BleuMeter meter;
  meter.add("a b c d", "a b c d e f");
  EXPECT_NEAR(meter.score(), 100 * std::exp(1 - 6 / 4.0), 1e-9);
}

TEST(Chrf, TextsThatAreNotUtf8AreScoredToo) {
  ChrfMeter meter;
  meter.add("\xFF\xFE", "\xFF\xFE");
  EXPECT_NEAR(meter.score(), 100, 1e-9);
}

// Straight from the definition.
int64_t least_edits(std::span<const std::string_view> a, std::span<const std::string_view> b) {
  if (a.empty() || b.empty()) return std::ssize(a) + std::ssize(b);
  const int64_t last = least_edits(a.subspan(1), b.subspan(1)) + (a[0] == b[0] ? 0 : 1);
  return std::min({last, least_edits(a.subspan(1), b) + 1, least_edits(a, b.subspan(1)) + 1});
}

TEST(EditDistance, IsTheFewestEditsOfAll) {
  constexpr std::string_view kTokens[] = {"a", "b", "cc"};
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    Views a, b;
    for (uint64_t n = random.below(6); n > 0; --n) a.push_back(kTokens[random.below(3)]);
    for (uint64_t n = random.below(6); n > 0; --n) b.push_back(kTokens[random.below(3)]);
    EXPECT_EQ(edit_distance(a, b), least_edits(a, b));
  }
}

TEST(TokenErrors, CountsEditsOverTheTokensOfWhatIsRight) {
  TokenErrorMeter meter;
  EXPECT_EQ(meter.token_error_rate(), 0);
  meter.add(Views{"k", "ae", "t"}, Views{"k", "ae", "t"});
  meter.add(Views{"k", "t", "s", "z"}, Views{"k", "ae", "t"});
  meter.add(Views{}, Views{"a", "b"});
  EXPECT_DOUBLE_EQ(meter.exact_match(), 1 / 3.0);
  EXPECT_DOUBLE_EQ(meter.token_error_rate(), (3 + 2) / 8.0);
}

TEST(TextUnits, WordsAndCharacters) {
  EXPECT_EQ(words_of(" a\u00a0b\t ccc\u3000"), (Views{"a", "b", "ccc"}));
  EXPECT_EQ(characters_of("a é\xFF"), (Views{"a", " ", "é", "\xFF"}));
  EXPECT_TRUE(words_of(" \n").empty());
}

// As jiwer 4.0.0 does: jiwer.process_words(text, text).references.
TEST(TextUnits, WordsBetweenBlanks) {
  EXPECT_EQ(blank_separated(" a b\u00a0c \u3000d\te\n"), (Views{"a", "b\u00a0c", "d\te"}));
  EXPECT_EQ(blank_separated("one"), (Views{"one"}));
  EXPECT_TRUE(blank_separated(" \u2028 ").empty());
}

}  // namespace
}  // namespace recur
