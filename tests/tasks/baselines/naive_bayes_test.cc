#include "recur/tasks/baselines/naive_bayes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "recur/tasks/baselines/packed.h"
#include "tests/support/golden.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

NaiveBayes fit(const std::vector<NaiveBayes::Text>& texts, int64_t classes,
               int64_t most_bytes = NaiveBayes::kMostBytes) {
  return NaiveBayes::fit(
      std::ssize(texts), classes, [&](int64_t i) { return texts[static_cast<size_t>(i)]; }, most_bytes);
}

std::vector<int32_t> row_of(const Tensor& all, int64_t i) {
  const int64_t* from = all.data<int64_t>() + i * all.size(1);
  return {from, from + all.size(1)};
}

TEST(NaiveBayes, ScoresAreThoseOfScikitLearn) {
  const Golden golden("baselines_naive_bayes");
  const Tensor symbols = golden["symbols"], classes = golden["classes"], tests = golden["tests"];
  const Tensor scores = golden["scores"];
  std::vector<NaiveBayes::Text> texts;
  for (int64_t i = 0; i < symbols.size(0); ++i) {
    texts.push_back({row_of(symbols, i), static_cast<int32_t>(classes.data<int64_t>()[i])});
  }
  const NaiveBayes bayes = fit(texts, 3);
  const double known = std::log(static_cast<double>(texts.size()));  // ours are log counts, theirs log shares
  for (int64_t i = 0; i < tests.size(0); ++i) {
    const std::vector<double> ours = bayes.scores(row_of(tests, i));
    for (int64_t c = 0; c < 3; ++c) EXPECT_NEAR(ours[c] - known, scores.data<double>()[i * 3 + c], 1e-9);
  }
}

// Class 0 has symbols 1, 1 and the pair 1 1; class 1 has 2: three features, of which class 0 has counts 2, 1, 0.
TEST(NaiveBayes, ScoresByHand) {
  const NaiveBayes bayes = fit({{{1, 1}, 0}, {{2}, 1}}, 2);
  EXPECT_EQ(bayes.features(), 3);
  const std::vector<double> scores = bayes.scores(std::vector<int32_t>{1, 7});
  EXPECT_NEAR(scores[0], std::log(3.0 / 6), 1e-12);
  EXPECT_NEAR(scores[1], std::log(1.0 / 4), 1e-12);
  EXPECT_EQ(bayes.predict(std::vector<int32_t>{2}), 1);
}

TEST(NaiveBayes, TextBecomesTheSameModel) {
  Random random(2);
  std::vector<NaiveBayes::Text> texts(30);
  for (auto& text : texts) {
    text.of_class = static_cast<int32_t>(random.below(4));
    for (int k = 0; k < 9; ++k) text.symbols.push_back(static_cast<int32_t>(random.below(1000000)));
  }
  const NaiveBayes bayes = fit(texts, 4), again = NaiveBayes::from_text(bayes.to_text(), 4);
  for (const auto& text : texts) EXPECT_EQ(bayes.scores(text.symbols), again.scores(text.symbols));
}

TEST(NaiveBayes, TheMostFrequentFeaturesAreKept) {
  std::vector<NaiveBayes::Text> texts(100, {{1}, 0});
  for (int32_t i = 0; i < 100; ++i) texts.push_back({{i + 10}, 1});
  const NaiveBayes bayes = fit(texts, 2, 7 * 5);
  EXPECT_EQ(bayes.features(), 5);
  EXPECT_EQ(bayes.predict(std::vector<int32_t>{1}), 0);
}

TEST(NaiveBayes, DamagedTextsAreRefused) {
  EXPECT_ERROR((NaiveBayes::from_text(pack(std::vector<uint64_t>{1, 2, 3}), 2)),
               "naive Bayes: 3 numbers do not fit 2 classes");
  EXPECT_ERROR((NaiveBayes::from_text(pack(std::vector<uint64_t>{1, 1, 5, 0, 1, 0, 0, 1}), 2)),
               "naive Bayes: the keys do not ascend");
}

}  // namespace
}  // namespace recur
