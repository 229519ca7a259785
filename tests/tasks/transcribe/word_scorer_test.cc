#include "recur/tasks/transcribe/word_scorer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"

namespace recur {
namespace {

std::shared_ptr<const Tokenizer> letters() {
  const TextSource source = TextSource::from_text("letters", "abcdefghijklmnopqrstuvwxyz ");
  return fit_tokenizer(source, source.all(), {.kind = "chars"});
}

// What a scorer gives for a text, its end included; forbidden: -infinity.
double score_of(const WordScorer& scorer, const Tokenizer& tokens, std::string_view text) {
  PrefixScorer::State state = scorer.start();
  double score = 0;
  for (const int32_t symbol : tokens.encode(text)) {
    PrefixScorer::State next;
    score += scorer.add(state, symbol, next);
    if (std::isinf(score)) return score;
    state = next;
  }
  return score + scorer.end(state);
}

TEST(WordScorer, AddsTheModelsProbabilitiesOfWords) {
  const auto tokens = letters();
  const std::shared_ptr<const WordModel> model =
      count_words(DataFile::from_memory("t", "one two\none two three\ntwo\n"), 3);
  const WordScorer scorer(model, {}, tokens, {.weight = 0.7, .bonus = 0.25});
  const std::vector<int32_t> start{model->begin()}, one{model->begin(), *model->word("one")},
      two{*model->word("one"), *model->word("two")};
  const double want = 0.7 * (model->log_probability(start, model->word("one")) +
                             model->log_probability(one, model->word("two")) + model->log_probability_of_end(two)) +
                      2 * 0.25;
  EXPECT_NEAR(score_of(scorer, *tokens, "one two"), want, 1e-12);
  EXPECT_NEAR(score_of(scorer, *tokens, "one  two"), want, 1e-12);
  EXPECT_LT(score_of(scorer, *tokens, "one three"), score_of(scorer, *tokens, "one two"));
  EXPECT_TRUE(std::isfinite(score_of(scorer, *tokens, "one zebra two")));
  EXPECT_NEAR(score_of(scorer, *tokens, ""), 0.7 * model->log_probability_of_end(start), 1e-12);
}

TEST(WordScorer, ALexiconAllowsItsWordsAlone) {
  const auto tokens = letters();
  const WordScorer scorer(nullptr, {"two", "one", "ones"}, tokens, {});
  for (const char* text : {"one", "ones two", "two two", ""}) EXPECT_EQ(score_of(scorer, *tokens, text), 0) << text;
  for (const char* text : {"on", "onet", "x", "one tw", "tw one", "twos"}) {
    EXPECT_TRUE(std::isinf(score_of(scorer, *tokens, text))) << text;
  }
}

TEST(ReadLexicon, TakesTheFirstWordOfEachLine) {
  EXPECT_EQ(read_lexicon(DataFile::from_memory("l", "one W AH N\n\n two\tT UW\n")),
            (std::vector<std::string>{"one", "two"}));
  EXPECT_ERROR(read_lexicon(DataFile::from_memory("l", "\n")), "l: there are no words in it");
}

}  // namespace
}  // namespace recur
