#include "recur/data/text/ngram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "recur/base/error.h"
#include "recur/base/random.h"

namespace recur {
namespace {

using Gram = std::vector<int32_t>;

// Symbols 0 .. vocabulary-1 that depend on the one before, so that longer contexts help.
Gram random_text(int n, int32_t vocabulary, uint64_t seed) {
  Random random(seed);
  Gram text{0};
  while (static_cast<int>(text.size()) < n) {
    const bool follow = random.uniform() < 0.6f;
    text.push_back(follow ? (text.back() * 2 + 1) % vocabulary
                          : static_cast<int32_t>(random.below(static_cast<uint64_t>(vocabulary))));
  }
  return text;
}

// The model written down from its definition, with every n-gram spelled out.
class ByDefinition {
 public:
  ByDefinition(const Gram& text, int order, int32_t vocabulary) : vocabulary_(vocabulary), counts_(order) {
    const auto top = static_cast<size_t>(order);
    for (size_t i = 0; i + top <= text.size(); ++i) ++counts_[top - 1][Gram(text.begin() + i, text.begin() + i + top)];
    // Shorter n-grams count the different symbols they follow; the start of the text is one such symbol.
    for (size_t k = 1; k < top; ++k) {
      std::set<Gram> extended;
      for (size_t i = 0; i + k < text.size(); ++i) extended.insert(Gram(text.begin() + i, text.begin() + i + k + 1));
      for (const Gram& gram : extended) ++counts_[k - 1][Gram(gram.begin() + 1, gram.end())];
      ++counts_[k - 1][Gram(text.begin(), text.begin() + k)];
    }
  }

  double probability(const Gram& history, int32_t next, size_t k) const {
    if (k == 0) return 1.0 / vocabulary_;
    const double lower = probability(history, next, k - 1);
    double total = 0, left = 0, kept = 0;
    Gram gram(history.end() - static_cast<int64_t>(k - 1), history.end());
    gram.push_back(0);
    for (int32_t w = 0; w < vocabulary_; ++w) {
      gram.back() = w;
      const auto found = counts_[k - 1].find(gram);
      if (found == counts_[k - 1].end()) continue;
      total += found->second;
      left += discount(k, found->second);
      if (w == next) kept = found->second - discount(k, found->second);
    }
    return total == 0 ? lower : (kept + left * lower) / total;
  }

 private:
  double discount(size_t k, int count) const {
    double of[5] = {};
    for (const auto& [gram, c] : counts_[k - 1]) {
      if (c <= 4) of[c] += 1;
    }
    const int i = std::min(count, 3);
    const double share = of[1] + of[2] > 0 ? of[1] / (of[1] + 2 * of[2]) : 0.5;
    const double estimate = of[i] > 0 ? i - (i + 1) * share * of[i + 1] / of[i] : share;
    return std::clamp(estimate, 0.05, i - 0.05);
  }

  int32_t vocabulary_;
  std::vector<std::map<Gram, int>> counts_;
};

TEST(NgramModel, IsModifiedKneserNeyAsDefined) {
  for (const int order : {1, 2, 3, 5}) {
    const Gram text = random_text(400, 6, 17);
    NgramModel model(order, 6);
    // In parts, as a long text comes.
    model.add(std::span(text).first(3));
    model.add(std::span(text).subspan(3, 150));
    model.add(std::span(text).subspan(153));
    model.finish();
    const ByDefinition expected(text, order, 6);
    Random random(2);
    for (int i = 0; i < 100; ++i) {
      Gram history(static_cast<size_t>(order) - 1);
      for (auto& symbol : history) symbol = static_cast<int32_t>(random.below(6));
      const auto next = static_cast<int32_t>(random.below(6));
      ASSERT_NEAR(model.probability(history, next), expected.probability(history, next, static_cast<size_t>(order)),
                  1e-12);
    }
  }
}

TEST(NgramModel, ProbabilitiesSumToOneEvenWhenItsMemoryIsFull) {
  const Gram text = random_text(3000, 20, 3);
  for (const size_t max_entries : {size_t{0}, size_t{10}, size_t{500}, size_t{1} << 20}) {
    NgramModel model(4, 20, max_entries);
    model.add(text);
    model.finish();
    for (size_t i = 0; i + 5 < text.size(); i += 97) {
      for (const size_t length : {0, 1, 3, 5}) {
        const Gram history(text.begin() + static_cast<int64_t>(i), text.begin() + static_cast<int64_t>(i + length));
        double sum = 0;
        for (int32_t next = 0; next < 20; ++next) sum += model.probability(history, next);
        ASSERT_NEAR(sum, 1.0, 1e-9);
      }
    }
  }
}

TEST(NgramModel, KnowsNothingBeforeItHasSeenText) {
  NgramModel model(3, 4);
  model.finish();
  EXPECT_DOUBLE_EQ(model.probability(Gram{1, 2}, 3), 0.25);
  EXPECT_THROW(NgramModel(0, 4), UsageError);
  EXPECT_THROW(NgramModel(17, 4), UsageError);
}

CorpusPair pair_of(const std::string& text, double fraction) {
  return split_corpus(TextSource::from_text("text", text), fraction, {});
}

TEST(Baselines, UnigramIsTheCrossEntropyOfAddOneFrequencies) {
  const auto [train, valid] = pair_of("aaabbaab", 0.25);  // trains on aaabba: a 4, b 2, unknown 0
  const double a = (4 + 1) / 9.0, b = (2 + 1) / 9.0;
  EXPECT_NEAR(unigram_nats(train, valid), -(std::log(a) + std::log(b)) / 2, 1e-12);
}

TEST(Baselines, NgramFindsWhatIsPredictable) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "abcdefgh";
  const auto [train, valid] = pair_of(text, 0.1);
  EXPECT_NEAR(unigram_nats(train, valid), std::log(8.0), 0.01);
  EXPECT_LT(ngram_nats(train, valid), 0.01);
}

TEST(Baselines, NgramLiesBelowUnigramAndAboveTheEntropyOfItsSource) {
  // Each symbol follows from the one before with 0.6 + 0.4 / 8, or is one of the seven others.
  std::string text;
  for (const int32_t symbol : random_text(60000, 8, 5)) text += static_cast<char>('a' + symbol);
  const auto [train, valid] = pair_of(text, 0.2);
  const double entropy = -0.65 * std::log(0.65) - 0.35 * std::log(0.05);
  const double nats = ngram_nats(train, valid);
  EXPECT_GT(nats, entropy - 0.03);
  EXPECT_LT(nats, entropy + 0.08);
  EXPECT_LT(nats, unigram_nats(train, valid) - 0.3);
}

TEST(Baselines, OfALongTextTheNearestPartIsTaken) {
  // What was learnt last is what holds at the start of the validation part.
  std::string text;
  for (int i = 0; i < 4000; ++i) text += i < 2000 ? "abc" : "acb";
  const auto [train, valid] = pair_of(text, 0.1);
  EXPECT_LT(ngram_nats(train, valid, 2, 1000), 0.01);
  EXPECT_GT(ngram_nats(train, valid, 2), 0.3);
}

TEST(Baselines, UnseenSymbolsAreNotImpossible) {
  const auto [train, valid] = pair_of("aaaaaaaaaaaazz", 0.15);
  EXPECT_TRUE(std::isfinite(unigram_nats(train, valid)));
  EXPECT_TRUE(std::isfinite(ngram_nats(train, valid)));
}

}  // namespace
}  // namespace recur
