#include "recur/tasks/transcribe/neural_scorer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "recur/base/threads.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/tasks/transcribe/word_scorer.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

constexpr const char* kLines = "one two\none two three\ntwo\n";

std::shared_ptr<const Tokenizer> tokens_of(const std::string& kind, const std::string& text, bool line_ends = true) {
  const TextSource source = TextSource::from_text("text", text);
  return fit_tokenizer(source, source.all(), {.kind = kind, .line_end_symbol = line_ends});
}

std::shared_ptr<const LmTrained> language(const std::string& kind) {
  LmOptions options;
  options.model.rnn.hidden = 6;
  options.model.rnn.layers = 1;
  Random random(3);
  return std::make_shared<LmTrained>(options, tokens_of(kind, kLines), random);
}

// ln P of all symbols but the first, by one run of the network.
double whole_run(const LmTrained& model, const std::vector<int32_t>& ids) {
  const auto steps = std::ssize(ids);
  const auto out = model.network()(Tensor::from(ids, {steps, 1}), {.mode = Mode::evaluation()});
  const Tensor p = log_softmax(model.network().logits(out.features), 2);
  double sum = 0;
  for (int64_t t = 0; t + 1 < steps; ++t) {
    sum += double{p.values<float>()[static_cast<size_t>(t * p.size(2) + ids[static_cast<size_t>(t + 1)])]};
  }
  return sum;
}

double total(const PrefixScorer& scorer, const Tokenizer& tokens, std::string_view text) {
  PrefixScorer::State state = scorer.start();
  double score = 0;
  for (const int32_t symbol : tokens.encode(text)) {
    PrefixScorer::State next;
    score += scorer.add(state, symbol, next);
    state = next;
  }
  return score + scorer.end(state);
}

TEST(NeuralScorer, AddsTheModelsProbabilitiesOfLetters) {
  const auto model = language("chars");
  const auto tokens = tokens_of("chars", "abcdefghijklmnopqrstuvwxyz ");
  const NeuralScorer scorer(model, tokens, {.weight = 0.7, .bonus = 0.25});
  for (const std::string text : {"one two", "two", ""}) {
    const int64_t words = text.empty() ? 0 : 1 + std::ranges::count(text, ' ');
    const double want =
        0.7 * whole_run(*model, model->tokenizer().encode("\n" + text + "\n")) + 0.25 * static_cast<double>(words);
    EXPECT_NEAR(total(scorer, *tokens, text), want, 1e-4) << text;
  }
}

TEST(NeuralScorer, AddsThoseOfWordsAsTheyEnd) {
  const auto model = language("words");
  const auto tokens = tokens_of("chars", "abcdefghijklmnopqrstuvwxyz ");
  const NeuralScorer scorer(model, tokens, {.weight = 1, .bonus = 0});
  const Tokenizer& words = model->tokenizer();
  ASSERT_TRUE(words.line_end());
  for (const std::string text : {"one two", "two", "zebra one"}) {
    std::vector<int32_t> ids{*words.line_end()};
    words.encode(text, ids);
    ids.push_back(*words.line_end());
    EXPECT_NEAR(total(scorer, *tokens, text), whole_run(*model, ids), 1e-4) << text;
  }
  // Nothing is added before a word has ended.
  PrefixScorer::State state = scorer.start(), next;
  EXPECT_EQ(scorer.add(state, tokens->encode("o")[0], next), 0);
}

// Several threads begin searches at the same state.
TEST(NeuralScorer, ThreadsMayShareIt) {
  const auto model = language("chars");
  const auto tokens = tokens_of("chars", "abcdefghijklmnopqrstuvwxyz ");
  const double alone = total(NeuralScorer(model, tokens, {}), *tokens, "one two");
  const NeuralScorer scorer(model, tokens, {});
  std::vector<double> scores(8);
  set_threads(4);
  parallel_for(8, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) scores[static_cast<size_t>(i)] = total(scorer, *tokens, "one two");
  });
  set_threads(1);
  for (const double each : scores) EXPECT_EQ(each, alone);
}

TEST(ScorerSum, AddsUpAndForbids) {
  const auto model = language("chars");
  const auto tokens = tokens_of("chars", "abcdefghijklmnopqrstuvwxyz ");
  std::vector<std::unique_ptr<PrefixScorer>> parts;
  parts.push_back(std::make_unique<NeuralScorer>(model, tokens, NeuralScorerOptions{}));
  parts.push_back(std::make_unique<WordScorer>(nullptr, std::vector<std::string>{"one"}, tokens, WordScorerOptions{}));
  const ScorerSum sum(std::move(parts));
  EXPECT_NEAR(total(sum, *tokens, "one"), total(NeuralScorer(model, tokens, {}), *tokens, "one"), 1e-9);
  PrefixScorer::State state = sum.start(), next;
  EXPECT_EQ(sum.add(state, tokens->encode("t")[0], next), -std::numeric_limits<double>::infinity());
}

TEST(ReadLanguageModel, IsOfTheTaskLm) {
  const Scratch scratch;
  language("chars")->save(scratch / "lm.recur");
  EXPECT_EQ(read_language_model((scratch / "lm.recur").string())->tokenizer().kind(), "chars");
  EXPECT_ERROR(read_language_model((scratch / "none.recur").string()), "none.recur");
}

}  // namespace
}  // namespace recur
