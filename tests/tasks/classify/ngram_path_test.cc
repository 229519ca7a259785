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
  const NgramFit fit = fit_ngrams(drawn_texts(400, 1), {.classes = 3});
  NgramPath path(fit.buckets, 3);
  path.set(fit.weights, fit.bias);
  EXPECT_GT(accuracy(path, 2), 0.98);
}

TEST(FitNgrams, DependsOnItsSeedAlone) {
  const NgramTexts all = drawn_texts(100, 1);
  const NgramFit a = fit_ngrams(all, {.classes = 3, .seed = 5}), b = fit_ngrams(all, {.classes = 3, .seed = 5});
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_EQ(a.bias, b.bias);
  EXPECT_EQ(a.passes, b.passes);
}

TEST(FitNgrams, TakesTheBucketsItIsGiven) {
  EXPECT_EQ(fit_ngrams(drawn_texts(60, 1), {.classes = 3, .buckets = 64}).weights.size(), 64u * 3);
  EXPECT_ERROR((fit_ngrams(drawn_texts(60, 1), {.classes = 3, .buckets = 100})),
               "ngrams: expected a power of two, got 100");
}

// Without a pass it is naive Bayes: one text of each class, one word each. Counts (1 + 1) and (0 + 1) of 3 each.
TEST(FitNgrams, OfFewTextsIsFiniteAndRight) {
  NgramTexts two;
  two.add(word_ngrams(std::vector<std::string>{"yes"}, 0), 1);
  two.add(word_ngrams(std::vector<std::string>{"no"}, 0), 0);
  const NgramFit fit = fit_ngrams(two, {.classes = 2});
  NgramPath path(fit.buckets, 2);
  path.set(fit.weights, fit.bias);
  std::vector<double> scores(2, 0);
  path.add_scores(word_ngrams(std::vector<std::string>{"yes"}, 0), scores);
  EXPECT_GT(scores[1] - scores[0], std::log(2.0));
}

TEST(NgramPath, ScoresAreMeansByTheRootOfTheirNumber) {
  NgramPath path(4, 2);
  // Row of each bucket: class 0, class 1.
  path.set(std::vector<float>{1, 0, 2, 0, 4, 0, 8, 1}, std::vector<float>{0.5f, 0});
  std::vector<double> scores(2, 0);
  path.add_scores({.words = {0, 1, 2, 7}, .characters = {3}}, scores);
  EXPECT_DOUBLE_EQ(scores[0], 0.5 + (1 + 2 + 4 + 8) / 2.0 + 0.5 * 8);
  EXPECT_DOUBLE_EQ(scores[1], 0.5 + 0.5);
}

TEST(NgramPath, WorksInF64Too) {
  NgramPath path(2, 2);
  path.set(std::vector<float>{1, 2, 3, 4}, std::vector<float>{0, 0});
  path.to(DType::kF64);
  std::vector<double> scores(2, 0);
  path.add_scores({.words = {1}, .characters = {}}, scores);
  EXPECT_EQ(scores, (std::vector<double>{3, 4}));
  path.mix().choose(std::vector<float>{0, -9}, std::vector<float>{0, 0}, std::vector<float>{0});
  EXPECT_EQ(path.mix().network_share(), 1.5);
}

}  // namespace
}  // namespace recur
