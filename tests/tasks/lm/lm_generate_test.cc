#include "recur/tasks/lm/lm_generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "recur/tasks/lm/lm_score.h"
#include "tests/support/throws.h"
#include "tests/tasks/lm/fixed_lm.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

std::string generated_text(const LmModel& model, const Tokenizer& tokenizer, const GenerateOptions& options) {
  Kept out;
  generate_text(model, tokenizer, options, out);
  return out.written();
}

GenerateOptions greedy(std::string prompt, int64_t length) {
  GenerateOptions options{.prompt = std::move(prompt), .length = length};
  options.sampling.temperature = 0;
  return options;
}

// The most probable symbol but the unknown one after all of `ids`, which are run anew each time.
int32_t most_probable(const LmModel& model, const std::vector<int32_t>& ids) {
  const auto out = model(Tensor::from(ids, {std::ssize(ids), 1}), {.mode = Mode::evaluation()});
  const Tensor logits = model.logits(out.features);
  const auto last = logits.values<float>().last(static_cast<size_t>(logits.size(2)));
  return static_cast<int32_t>(std::max_element(last.begin() + 1, last.end()) - last.begin());
}

TEST(GenerateText, WithoutTemperatureIsTheMostProbableSymbolAfterAllBefore) {
  const auto tokenizer = tokenizer_of("\nabcd");
  const LmModel model = drawn_lm(tokenizer->size());
  for (const std::string prompt : {"", "a", "dcba"}) {
    std::vector<int32_t> ids = tokenizer->encode(prompt);
    if (ids.empty()) ids = {beginning_symbol(*tokenizer)};
    std::string want;
    for (int i = 0; i < 12; ++i) {
      ids.push_back(most_probable(model, ids));
      want += tokenizer->piece(ids.back(), std::nullopt);
    }
    EXPECT_EQ(generated_text(model, *tokenizer, greedy(prompt, 12)), want) << prompt;
  }
}

TEST(GenerateText, ALongPromptIsReadToItsEnd) {
  const auto tokenizer = tokenizer_of("abcd");
  const LmModel model = counting_lm(tokenizer->size());
  for (const size_t length : {1, 255, 256, 257, 512, 600}) {
    EXPECT_EQ(generated_text(model, *tokenizer, greedy(std::string(length - 1, 'a') + "c", 6)), "dabcda") << length;
  }
}

TEST(GenerateText, DrawsSymbolsAsOftenAsTheyAreProbable) {
  const auto tokenizer = tokenizer_of("abc");
  // The unknown symbol is never drawn: what is left counts for all.
  const std::string text =
      generated_text(lm_of_shares({0.5, 0.05, 0.15, 0.3}), *tokenizer, {.length = 4000, .seed = 5});
  ASSERT_EQ(text.size(), 4000u);
  const auto share = [&](char c) { return static_cast<double>(std::ranges::count(text, c)) / 4000; };
  EXPECT_NEAR(share('a'), 0.1, 0.02);  // four standard deviations
  EXPECT_NEAR(share('b'), 0.3, 0.03);
  EXPECT_NEAR(share('c'), 0.6, 0.032);
}

TEST(GenerateText, WritesAsManySymbolsAsAskedForWithoutThePrompt) {
  const auto tokenizer = tokenizer_of("ab");
  const LmModel model = lm_of_shares({0.1, 0.1, 0.8});
  EXPECT_EQ(generated_text(model, *tokenizer, greedy("aaa", 2)), "bb");
  EXPECT_EQ(generated_text(model, *tokenizer, greedy("aaa", 1)), "b");
  EXPECT_EQ(generated_text(model, *tokenizer, greedy("aaa", 0)), "");
}

TEST(GenerateText, WordsAreParted) {
  const auto tokenizer = tokenizer_of("a b\n", kind_of("words"));
  std::vector<double> shares(static_cast<size_t>(tokenizer->size()), 0.01);
  shares[static_cast<size_t>(tokenizer->encode("b")[0])] = 0.9;
  const LmModel model = lm_of_shares(shares);
  EXPECT_EQ(generated_text(model, *tokenizer, greedy("a", 3)), " b b b");  // goes on from the prompt
  EXPECT_EQ(generated_text(model, *tokenizer, greedy("", 3)), "b b b");    // begins a text
}

TEST(GenerateText, StopsAtOnceWhereTheSinkSaysSo) {
  const auto tokenizer = tokenizer_of("ab");
  Enough three(3);
  generate_text(lm_of_shares({0.1, 0.1, 0.8}), *tokenizer, {.length = 1000000000000}, three);
  EXPECT_EQ(three.pieces, 3);
}

TEST(GenerateText, GoesOnFromAPromptOfSymbolsThatItDoesNotKnow) {
  const auto tokenizer = tokenizer_of("ab");
  EXPECT_EQ(generated_text(lm_of_shares({0.8, 0.15, 0.05}), *tokenizer, greedy("zzz", 2)), "aa");
}

TEST(GenerateText, NamesTheByteOfAPromptThatIsNoText) {
  const auto characters = tokenizer_of("ab"), bytes = tokenizer_of("ab", kind_of("bytes"));
  const LmModel model = lm_of_shares({0.1, 0.1, 0.8});
  EXPECT_ERROR(generated_text(model, *characters, greedy("ab\xFF", 1)), "prompt: invalid UTF-8 at offset 2");
  EXPECT_EQ(generated_text(model, *bytes, greedy("ab\xFF", 1)), "b");
}

}  // namespace
}  // namespace recur
