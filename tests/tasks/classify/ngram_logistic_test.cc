#include "recur/tasks/classify/ngram_logistic.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "recur/tasks/hold_out.h"

namespace recur {
namespace {

TEST(LogisticDual, SolvesItsEquation) {
  for (const double norm : {0.0, 0.3, 1.0, 50.0}) {
    for (const double margin : {-40.0, -1.0, 0.0, 2.0, 30.0}) {
      for (const double bound : {0.5, 4.0, 64.0}) {
        const double old = bound / 3, a = logistic_dual(norm, margin, old, bound);
        ASSERT_GE(a, 0);
        ASSERT_LE(a, bound);
        // The left side rises in a: it changes its sign there.
        const auto left = [&](double at) { return norm * (at - old) + margin + std::log(at / (bound - at)); };
        const double step = 1e-3 * std::min(a, bound - a);
        if (step < 1e-12) continue;
        EXPECT_LT(left(a - step), 0) << norm << " " << margin << " " << bound;
        EXPECT_GT(left(a + step), 0) << norm << " " << margin << " " << bound;
      }
    }
  }
}

// Shows the scores.
struct Learner : LogisticNgrams {
  using LogisticNgrams::LogisticNgrams;
  double score_of(int64_t text, size_t c) {
    score(text);
    return scores_[c];
  }
};

// At the minimum of |v|^2 / 2 + C sum ln(1 + exp(-y v x)) the bias, a weight of a feature that is 1, is
// C sum y sigmoid(-y v x): this is so for each class when the passes have converged.
TEST(LogisticNgrams, PassesConvergeToTheMinimum) {
  Random random(3);
  NgramTexts texts;
  for (int i = 0; i < 60; ++i) {
    std::vector<std::string> words;
    for (int k = 0; k < 5; ++k) words.push_back("w" + std::to_string(random.below(30)));
    texts.add(word_ngrams(words, 3), static_cast<int32_t>(random.below(3)));
  }
  const std::vector<int64_t> all = all_of(texts.size());
  Learner learner(texts, 1 << 12, 3, {});
  learner.begin(all);
  learner.set_strength(1);
  learner.pass(all);
  learner.set_strength(4);  // goes on from what is learnt
  for (int pass = 0; pass < 300; ++pass) learner.pass(all);
  for (size_t c = 0; c < 3; ++c) {
    double sum = 0;
    for (const int64_t i : all) {
      const double y = static_cast<size_t>(texts.classes[static_cast<size_t>(i)]) == c ? 1 : -1;
      sum += 4 * y / (1 + std::exp(y * learner.score_of(i, c)));
    }
    EXPECT_NEAR(learner.biases()[c], sum, 2e-2);
  }
}

TEST(LogisticNgrams, OfTwoClassesEachIsTheOppositeOfTheOther) {
  NgramTexts texts;
  for (int i = 0; i < 10; ++i) {
    texts.add(word_ngrams(std::vector<std::string>{i % 2 ? "yes" : "no", "and"}, 3), i % 2);
  }
  const std::vector<int64_t> all = all_of(texts.size());
  Learner learner(texts, 1 << 10, 2, {});
  learner.begin(all);
  learner.set_strength(4);
  learner.pass(all);
  EXPECT_EQ(learner.factor(), 0.5);
  for (const int64_t i : all) EXPECT_NEAR(learner.score_of(i, 0), -learner.score_of(i, 1), 1e-5);
}

}  // namespace
}  // namespace recur
