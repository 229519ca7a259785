#include "recur/tasks/classify/path_mix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace recur {
namespace {

TEST(PathMix, CombinesAndChoosesHowMuchEachCounts) {
  PathMix mix;
  std::vector<float> both{std::log(0.8f), std::log(0.2f)};
  mix.combine(both, std::vector<float>{0, 0});
  EXPECT_NEAR(std::exp(both[0]), 2.0 / 3, 1e-6);  // odds of 4 to the power of a half
  // The network is right and the path is wrong.
  const std::vector<float> network{-0.1f, -2, -2, -0.1f}, scores{-1, 1, 1, -1}, classes{0, 1};
  mix.choose(network, scores, classes);
  EXPECT_EQ(mix.network_share(), 1.5);
  EXPECT_EQ(mix.path_share(), 0);
  mix.choose(scores, network, classes);
  EXPECT_EQ(mix.network_share(), 0);
}

TEST(PathMix, LeavesOutClassesThatTheModelLacks) {
  PathMix mix;
  const std::vector<float> network{-0.1f, -2, -2, -0.1f}, scores{-1, 1, 1, -1};
  mix.choose(network, scores, std::vector<float>{0, 2});
  EXPECT_EQ(mix.network_share(), 1.5);
}

}  // namespace
}  // namespace recur
