#include "recur/decode/sampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

#include "tests/support/throws.h"

namespace recur {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

std::vector<double> frequencies(const std::vector<float>& logits, const SamplingOptions& options, int draws = 40000) {
  Random random(7);
  std::vector<double> counts(logits.size());
  for (int i = 0; i < draws; ++i) counts[static_cast<size_t>(sample(logits, options, random))] += 1.0 / draws;
  return counts;
}

void expect_softmax(const std::vector<float>& logits, double temperature) {
  double total = 0;
  for (const float x : logits) total += std::exp(x / temperature);
  const std::vector<double> got = frequencies(logits, {.temperature = temperature});
  for (size_t i = 0; i < logits.size(); ++i) {
    EXPECT_NEAR(got[i], std::exp(logits[i] / temperature) / total, 0.01) << "symbol " << i << " at " << temperature;
  }
}

TEST(Sampling, DrawsBySoftmaxAtEveryTemperature) {
  for (const double temperature : {0.25, 1.0, 3.0}) expect_softmax({0.5f, -1, 2, 0, 1.5f}, temperature);
}

TEST(Sampling, TemperatureZeroTakesTheFirstOfTheMostProbableAndNoRandomNumber) {
  Random random(1);
  const std::vector<float> logits{1, 3, 2, 3};
  EXPECT_EQ(sample(logits, {.temperature = 0}, random), 1);
  EXPECT_EQ(random.state().position, 0U);
}

TEST(Sampling, TinyTemperatureDoesNotOverflow) {
  Random random(1);
  const std::vector<float> logits{-1e30f, 1e30f, 0};
  EXPECT_EQ(sample(logits, {.temperature = 1e-6}, random), 1);
}

TEST(Sampling, TopKLeavesTheRestInProportion) {
  const std::vector<float> logits{std::log(0.1f), std::log(0.4f), std::log(0.2f), std::log(0.3f)};
  const std::vector<double> got = frequencies(logits, {.top_k = 2});
  EXPECT_EQ(got[0], 0);
  EXPECT_EQ(got[2], 0);
  EXPECT_NEAR(got[1], 4.0 / 7, 0.01);
  EXPECT_NEAR(got[3], 3.0 / 7, 0.01);
}

TEST(Sampling, TopKAboveTheVocabularyIsAll) {
  const std::vector<float> logits{0, 1, 2};
  EXPECT_EQ(frequencies(logits, {.top_k = 99}, 1000), frequencies(logits, {}, 1000));
}

TEST(Sampling, TopPKeepsTheFewestThatReachTheShare) {
  const std::vector<float> logits{std::log(0.1f), std::log(0.4f), std::log(0.2f), std::log(0.3f)};
  const std::vector<double> two = frequencies(logits, {.top_p = 0.65});
  EXPECT_EQ(two[0] + two[2], 0);
  EXPECT_NEAR(two[1], 4.0 / 7, 0.01);
  const std::vector<double> three = frequencies(logits, {.top_p = 0.75});
  EXPECT_EQ(three[0], 0);
  EXPECT_NEAR(three[2], 2.0 / 9, 0.01);
  EXPECT_EQ(frequencies(logits, {.top_p = 1e-9}, 100)[1], 1.0 * frequencies(logits, {.top_k = 1}, 100)[1]);
}

TEST(Sampling, NeverDrawsWhatIsImpossible) {
  const std::vector<double> got = frequencies({kNever, 0, kNever, 0}, {.temperature = 100}, 1000);
  EXPECT_EQ(got[0] + got[2], 0);
}

TEST(Sampling, TheSameSeedDrawsTheSame) {
  const std::vector<float> logits(50, 0.0f);
  Random a(3), b(3);
  std::set<int32_t> seen;
  for (int i = 0; i < 20; ++i) {
    const int32_t drawn = sample(logits, {}, a);
    EXPECT_EQ(drawn, sample(logits, {}, b));
    seen.insert(drawn);
  }
  EXPECT_GT(seen.size(), 5U);
}

TEST(Sampling, RefusesWhatCannotBeDrawnFrom) {
  Random random(1);
  const std::vector<float> fine{0, 1}, none{kNever, kNever}, nan{0, std::nanf("")}, endless{-kNever, 0};
  EXPECT_ERROR(sample(none, {}, random), "no symbol has a positive probability");
  EXPECT_ERROR(sample({}, {}, random), "no symbol has a positive probability");
  EXPECT_ERROR(sample(nan, {}, random), "logit of symbol 1 is nan");
  EXPECT_ERROR(sample(endless, {}, random), "logit of symbol 0 is inf");
  EXPECT_ERROR(sample(fine, {.temperature = -1}, random), "temperature");
  EXPECT_ERROR(sample(fine, {.top_k = -1}, random), "top_k");
  EXPECT_ERROR(sample(fine, {.top_p = 0}, random), "top_p");
}

// The symbols that may be drawn, by sorting.
std::set<int32_t> allowed(const std::vector<float>& logits, const SamplingOptions& options) {
  std::vector<int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return logits[a] > logits[b]; });
  std::erase_if(order, [&](int32_t i) { return logits[i] == kNever; });
  if (options.top_k > 0 && options.top_k < std::ssize(order)) order.resize(static_cast<size_t>(options.top_k));
  double total = 0, sum = 0;
  for (const int32_t i : order) total += std::exp(logits[i] / options.temperature);
  std::set<int32_t> kept;
  for (const int32_t i : order) {
    if (sum >= options.top_p * total * (1 + 1e-9)) break;
    kept.insert(i);
    sum += std::exp(logits[i] / options.temperature);
  }
  return kept;
}

TEST(Sampling, DrawsTheLikeliestAndOnlyWhatIsAllowed) {
  Random random(11);
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<float> logits(1 + random.below(12));
    for (float& x : logits) x = random.bernoulli(0.2) ? kNever : random.bernoulli(0.3) ? 0.5f : random.normal();
    if (std::all_of(logits.begin(), logits.end(), [](float x) { return x == kNever; })) logits[0] = 0;
    const SamplingOptions options{.temperature = 0.5 + random.uniform64(),
                                  .top_k = static_cast<int64_t>(random.below(8)),
                                  .top_p = 0.3 + 0.7 * random.uniform64()};
    std::set<int32_t> seen;
    for (int i = 0; i < 300; ++i) seen.insert(sample(logits, options, random));
    const std::set<int32_t> possible = allowed(logits, options);
    EXPECT_TRUE(std::includes(possible.begin(), possible.end(), seen.begin(), seen.end())) << "trial " << trial;
    EXPECT_TRUE(seen.contains(sample(logits, {.temperature = 0}, random))) << "trial " << trial;
  }
}

TEST(Sampling, AddingTheSameToEveryLogitChangesNothing) {
  const std::vector<float> logits{0.5f, -1, 2, 0}, shifted{64.5f, 63, 66, 64};
  for (const SamplingOptions& options : {SamplingOptions{}, {.temperature = 0.5}, {.top_k = 2}, {.top_p = 0.7}})
    EXPECT_EQ(frequencies(logits, options, 500), frequencies(shifted, options, 500));
}

TEST(Sampling, OneSymbolIsAlwaysDrawn) {
  Random random(1);
  for (const double temperature : {0.0, 0.1, 10.0})
    EXPECT_EQ(sample(std::vector<float>{-5}, {.temperature = temperature, .top_k = 1, .top_p = 0.1}, random), 0);
}

}  // namespace
}  // namespace recur
