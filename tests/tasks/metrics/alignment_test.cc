#include "recur/tasks/metrics/alignment.h"

#include <gtest/gtest.h>

#include "recur/base/json.h"
#include "recur/data/text/words.h"
#include "recur/tasks/metrics/text_units.h"
#include "recur/tasks/metrics/token_errors.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using namespace testing;

TEST(Align, RatesAreThoseOfJiwer) {
  const auto golden = parse_json(read_bytes(std::string(RECUR_TEST_DATA) + "/golden/error_rates.json"), 8);
  ASSERT_TRUE(golden);
  for (const Json& corpus : golden->at("corpora")) {
    const auto right = corpus.at("references").get<std::vector<std::string>>();
    const auto said = corpus.at("predictions").get<std::vector<std::string>>();
    EditCounts words, characters;
    for (size_t i = 0; i < right.size(); ++i) {
      words.add(counts_of(align(words_of(said[i]), words_of(right[i]))));
      characters.add(counts_of(align(characters_of(said[i]), characters_of(right[i]))));
    }
    EXPECT_NEAR(words.rate(), corpus.at("wer").get<double>(), 1e-12);
    EXPECT_NEAR(characters.rate(), corpus.at("cer").get<double>(), 1e-12);
  }
}

TEST(Align, HasTheFewestEdits) {
  const auto golden = parse_json(read_bytes(std::string(RECUR_TEST_DATA) + "/golden/error_rates.json"), 8);
  for (const Json& corpus : golden->at("corpora")) {
    const auto right = corpus.at("references").get<std::vector<std::string>>();
    const auto said = corpus.at("predictions").get<std::vector<std::string>>();
    const auto a = characters_of(said[0]), b = characters_of(right[0]);
    const std::vector<Edit> edits = align(a, b);
    EXPECT_EQ(counts_of(edits).edits(), edit_distance(a, b));
    // Every token of both sides is there once, in order.
    size_t i = 0, j = 0;
    for (const Edit& edit : edits) {
      if (edit.predicted) {
        EXPECT_EQ(*edit.predicted, i++);
      }
      if (edit.actual) {
        EXPECT_EQ(*edit.actual, j++);
      }
    }
    EXPECT_EQ(i, a.size());
    EXPECT_EQ(j, b.size());
  }
}

TEST(Align, IsShownInColumns) {
  const std::vector<std::string_view> a{"a", "c"}, b{"a", "bb", "c"};
  const AlignedText text = aligned_text(align(a, b), a, b);
  EXPECT_EQ(text.actual, "a bb c");
  EXPECT_EQ(text.predicted, "a ** c");
  const AlignedText other = aligned_text(align(b, a), b, a);
  EXPECT_EQ(other.actual, "a ** c");
  EXPECT_EQ(other.predicted, "a bb c");
  const std::vector<std::string_view> wide{"é", "longer"}, narrow{"é", "x"};
  EXPECT_EQ(aligned_text(align(wide, narrow), wide, narrow).actual, "é x     ");
}

TEST(Align, OfNothing) {
  const std::vector<std::string_view> none, one{"a"};
  EXPECT_TRUE(align(none, none).empty());
  EXPECT_EQ(counts_of(align(none, none)).rate(), 0);
  EXPECT_EQ(counts_of(align(one, none)).rate(), 1);
  EXPECT_EQ(counts_of(align(none, one)).rate(), 1);
}

}  // namespace
}  // namespace recur
