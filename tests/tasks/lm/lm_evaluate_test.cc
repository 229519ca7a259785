#include "recur/tasks/lm/lm_evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>
#include <numeric>

#include "tests/support/throws.h"
#include "tests/tasks/lm/fixed_lm.h"

namespace recur {
namespace {

using namespace testing;

Corpus corpus_of(const std::string& text, std::unique_ptr<Tokenizer> tokenizer) {
  const TextSource source = TextSource::from_text("text", text);
  return Corpus(source, source.all(), std::move(tokenizer));
}

std::string some_text(int symbols) {
  std::string text;
  for (int i = 0; i < symbols; ++i) text += "ab c"[i * i % 13 % 4];
  return text;
}

TEST(EvaluateLm, OfAModelThatHeedsNoContextIsTheMeanOfItsLogarithms) {
  // Unknown, a, b. Of "abbz" the last three are predicted.
  const Corpus corpus = corpus_of("abbz", tokenizer_of("ab"));
  const Evaluation result = evaluate_lm(lm_of_shares({0.125, 0.375, 0.5}), corpus, {});
  const double loss = -(2 * std::log(0.5) + std::log(0.125)) / 3;
  EXPECT_EQ(result.examples, 3);
  EXPECT_NEAR(result.at("loss"), loss, 1e-6);
  EXPECT_NEAR(result.at("perplexity"), std::exp(loss), 1e-6);
  EXPECT_NEAR(result.at("bits_per_character"), 5.0 / 3, 1e-6);  // 1, 1 and 3 bits
}

TEST(EvaluateLm, PredictsEverySymbolButTheFirstFromAllBeforeIt) {
  const std::string text = some_text(300);
  const Corpus corpus = corpus_of(text, tokenizer_of(text));
  const LmModel model = drawn_lm(corpus.tokenizer().size());
  const std::vector<double> want = surprises(model, corpus.tokenizer().encode(text));
  const double mean = std::accumulate(want.begin(), want.end(), 0.0) / 299;
  for (const int64_t steps : {1, 7, 299, 1000}) {
    const Evaluation result = evaluate_lm(model, corpus, {.batch = 16, .steps = steps});
    EXPECT_EQ(result.examples, 299);
    EXPECT_NEAR(result.at("loss"), mean, 1e-4) << steps;
  }
}

TEST(EvaluateLm, StreamsOfALongTextAreCutAtAThousandSymbolsAndEachBeginsAnew) {
  const std::string text = some_text(2001);
  const Corpus corpus = corpus_of(text, tokenizer_of(text));
  const LmModel model = drawn_lm(corpus.tokenizer().size());
  const std::vector<int32_t> ids = corpus.tokenizer().encode(text);
  double sum = 0;
  for (const int64_t begin : {0, 1000}) {
    const std::vector<double> part = surprises(model, {ids.begin() + begin, ids.begin() + begin + 1001});
    sum = std::accumulate(part.begin(), part.end(), sum);
  }
  EXPECT_NEAR(evaluate_lm(model, corpus, {.batch = 16, .steps = 64}).at("loss"), sum / 2000, 1e-4);
  const std::vector<double> whole = surprises(model, ids);
  EXPECT_NEAR(evaluate_lm(model, corpus, {.batch = 1, .steps = 64}).at("loss"),
              std::accumulate(whole.begin(), whole.end(), 0.0) / 2000, 1e-4);
}

TEST(EvaluateLm, BitsAreOfCharactersWhateverTheSymbols) {
  // Four words and an end of line to 16 characters and one; uniform over all symbols.
  const std::string text = "aaa bbb aaa bbbb\n";
  const Corpus words = corpus_of(text, tokenizer_of(text, kind_of("words")));
  const int32_t size = words.tokenizer().size();
  const LmModel model = lm_of_shares(std::vector<double>(static_cast<size_t>(size), 1.0 / size));
  const Evaluation result = evaluate_lm(model, words, {});
  EXPECT_EQ(result.examples, 4);
  EXPECT_NEAR(result.at("perplexity"), size, 1e-4);
  EXPECT_NEAR(result.at("bits_per_character"), std::log2(size) * 5 / 17, 1e-5);
}

TEST(EvaluateLm, OfBytesAreBitsOfEachByte) {
  const std::string text = "ää";  // two bytes each
  const Corpus bytes = corpus_of(text, tokenizer_of(text, kind_of("bytes")));
  EXPECT_NEAR(evaluate_lm(lm_of_shares({0.5, 0.25, 0.25}), bytes, {}).at("bits_per_character"), 2, 1e-6);
}

TEST(EvaluateLm, TwoSymbolsAreTheShortestTextAndOneIsRefused) {
  const LmModel model = lm_of_shares({0.25, 0.25, 0.5});
  EXPECT_NEAR(evaluate_lm(model, corpus_of("ab", tokenizer_of("ab")), {}).at("bits_per_character"), 1, 1e-6);
  EXPECT_THROW(evaluate_lm(model, corpus_of("a", tokenizer_of("ab")), {}), Error);
}

}  // namespace
}  // namespace recur
