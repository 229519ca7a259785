#include "recur/tasks/classify/ngram_path.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

// Texts of eight words of fifty, and one that tells their class.
NgramTexts drawn_texts(int count, uint64_t seed) {
  Random random(seed);
  NgramTexts all;
  for (int i = 0; i < count; ++i) {
    const auto of_class = static_cast<int32_t>(random.below(3));
    std::vector<std::string> words;
    for (int k = 0; k < 8; ++k) words.push_back("w" + std::to_string(random.below(50)));
    words[random.below(8)] = "class" + std::to_string(of_class);
    all.add(word_ngrams(words, 4), of_class);
  }
  return all;
}

NgramPath fitted_path(const NgramTexts& texts, const NgramFitOptions& options) {
  const NgramChoice choice = choose_ngrams(texts, options);
  NgramPath path(choice.buckets, options.classes);
  path.set(fit_ngrams(texts, choice, options));
  return path;
}

double accuracy(const NgramPath& path, uint64_t seed) {
  const NgramTexts test = drawn_texts(200, seed);
  int right = 0;
  for (int64_t i = 0; i < test.size(); ++i) {
    const auto at = [&](int64_t offset) { return test.hashes.begin() + offset; };
    const int64_t begin = i > 0 ? test.ends[i - 1] : 0;
    const TextNgrams ngrams{.words = {at(begin), at(test.word_ends[i])},
                            .characters = {at(test.word_ends[i]), at(test.ends[i])}};
    std::vector<double> scores(3, 0);
    path.add_scores(ngrams, scores);
    right += std::ranges::max_element(scores) - scores.begin() == test.classes[i];
  }
  return right / 200.0;
}

TEST(FitNgrams, LearnsTheWordsThatTell) {
  EXPECT_GT(accuracy(fitted_path(drawn_texts(400, 1), {.classes = 3}), 2), 0.98);
}

TEST(FitNgrams, DependsOnItsSeedAlone) {
  const NgramTexts all = drawn_texts(100, 1);
  const NgramFitOptions options{.classes = 3, .seed = 5};
  const NgramChoice choice = choose_ngrams(all, options), again = choose_ngrams(all, options);
  EXPECT_EQ(choice.passes, again.passes);
  EXPECT_EQ(choice.strength, again.strength);
  const NgramFit a = fit_ngrams(all, choice, options), b = fit_ngrams(all, choice, options);
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_EQ(a.biases, b.biases);
}

TEST(ChooseNgrams, TakesTheBucketsItIsGiven) {
  EXPECT_EQ(choose_ngrams(drawn_texts(60, 1), {.classes = 3, .buckets = 64}).buckets, 64);
  EXPECT_ERROR((choose_ngrams(drawn_texts(60, 1), {.classes = 3, .buckets = 100})),
               "ngrams: expected a power of two, got 100");
}

// One text of each class, one word each.
TEST(FitNgrams, OfFewTextsIsFiniteAndRight) {
  NgramTexts two;
  two.add(word_ngrams(std::vector<std::string>{"yes"}, 0), 1);
  two.add(word_ngrams(std::vector<std::string>{"no"}, 0), 0);
  const NgramPath path = fitted_path(two, {});
  std::vector<double> scores(2, 0);
  path.add_scores(word_ngrams(std::vector<std::string>{"yes"}, 0), scores);
  EXPECT_GT(scores[1] - scores[0], std::log(2.0));
  EXPECT_LT(scores[1] - scores[0], 100);
}

// Texts that are in the loss with a weight of 0 change nothing but which n-grams are known.
TEST(FitNgrams, CountsTextsByTheirWeights) {
  NgramTexts texts;
  for (int i = 0; i < 20; ++i) texts.add(word_ngrams(std::vector<std::string>{i < 10 ? "yes" : "no"}, 0), i < 10);
  for (int i = 0; i < 40; ++i) texts.add(word_ngrams(std::vector<std::string>{"yes"}, 0), 0);
  std::vector<float> weights(20, 1.0f);
  weights.resize(60, 0.0f);
  const auto score_of_yes = [&](const std::vector<float>& of_texts) {
    const NgramPath path = fitted_path(texts, {.weights = of_texts});
    std::vector<double> scores(2, 0);
    path.add_scores(word_ngrams(std::vector<std::string>{"yes"}, 0), scores);
    return scores[1] - scores[0];
  };
  EXPECT_GT(score_of_yes(weights), score_of_yes({}) + 1);
}

TEST(NgramPath, ScoresAreMeansByTheRootOfTheirNumber) {
  NgramPath path(4, 2);
  // Row of each bucket: class 0, class 1.
  path.set({.weights = {1, 0, 2, 0, 4, 0, 8, 1}, .biases = {0.5f, 0}});
  std::vector<double> scores(2, 0);
  path.add_scores({.words = {0, 1, 2, 7}, .characters = {3}}, scores);
  EXPECT_DOUBLE_EQ(scores[0], 0.5 + (1 + 2 + 4 + 8) / 2.0 + 0.5 * 8);
  EXPECT_DOUBLE_EQ(scores[1], 0.5 + 0.5);
}

TEST(NgramPath, WorksInF64Too) {
  NgramPath path(2, 2);
  path.set({.weights = {1, 2, 3, 4}, .biases = {0, 0}});
  path.to(DType::kF64);
  std::vector<double> scores(2, 0);
  path.add_scores({.words = {1}, .characters = {}}, scores);
  EXPECT_EQ(scores, (std::vector<double>{3, 4}));
  path.mix().choose(std::vector<float>{0, -9}, std::vector<float>{0, 0}, std::vector<float>{0});
  EXPECT_EQ(path.mix().network_share(), 1.5);
}

}  // namespace
}  // namespace recur
