#include "recur/tasks/act/advantages.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "recur/tasks/act/running_moments.h"

namespace recur {
namespace {

// The sum over all later steps of the episode, written out.
double by_definition(const StepsOfOne& s, size_t t) {
  double sum = 0, factor = 1;
  for (size_t k = t; k < s.rewards.size(); ++k, factor *= s.discount * s.lambda) {
    sum += factor * (s.rewards[k] + s.discount * s.after[k] - s.values[k]);
    if (s.ends[k] != 0) break;
  }
  return sum;
}

TEST(Advantages, AreDiscountedSumsOfSurprises) {
  Random random(1);
  for (const double lambda : {0.0, 0.5, 1.0}) {
    std::vector<double> rewards, values, after;
    std::vector<uint8_t> ends;
    for (int t = 0; t < 30; ++t) {
      rewards.push_back(random.uniform64());
      values.push_back(random.uniform64());
      after.push_back(random.uniform64());
      ends.push_back(random.bernoulli(0.2) ? 1 : 0);
    }
    const StepsOfOne steps{rewards, values, after, ends, 0.9, lambda};
    const std::vector<double> got = advantages(steps);
    for (size_t t = 0; t < got.size(); ++t) EXPECT_NEAR(got[t], by_definition(steps, t), 1e-12) << t;
  }
}

// With lambda 1 and values of 0 the advantage is the discounted return.
TEST(Advantages, OfOneEpisodeAreItsReturns) {
  const std::vector<double> rewards{1, 0, 4}, zeros(3);
  const std::vector<uint8_t> ends{0, 0, 1};
  const std::vector<double> got = advantages({rewards, zeros, zeros, ends, 0.5, 1});
  EXPECT_EQ(got, (std::vector<double>{2, 2, 4}));
}

TEST(RunningMoments, AreThoseOfAllRowsTogether) {
  Random random(2);
  std::vector<float> all;
  RunningMoments moments(2);
  EXPECT_EQ(moments.deviation(), (std::vector<double>{1, 1}));
  for (const size_t rows : {3, 1, 0, 20, 7}) {
    std::vector<float> part(2 * rows);
    for (size_t i = 0; i < part.size(); ++i) part[i] = i % 2 == 0 ? 1000 + random.normal() : 5.0f;
    moments.add(part);
    all.insert(all.end(), part.begin(), part.end());
  }
  double mean = 0, squares = 0;
  const double count = static_cast<double>(all.size()) / 2;
  for (size_t i = 0; i < all.size(); i += 2) mean += static_cast<double>(all[i]) / count;
  for (size_t i = 0; i < all.size(); i += 2) squares += std::pow(static_cast<double>(all[i]) - mean, 2);
  EXPECT_EQ(moments.count(), count);
  EXPECT_NEAR(moments.mean()[0], mean, 1e-9);
  EXPECT_NEAR(moments.deviation()[0], std::sqrt(squares / count), 1e-9);
  EXPECT_EQ(moments.mean()[1], 5);
  EXPECT_EQ(moments.deviation()[1], 1);  // all the same
}

}  // namespace
}  // namespace recur
