#include "recur/tasks/adapt/problems.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "recur/tasks/hold_out.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

TEST(Problems, SinusoidsFollowFromSeedAndNumber) {
  const auto problems = sinusoid_problems();
  double largest = 0, smallest = 9;
  for (int64_t n = 0; n < 200; ++n) {
    const Problem one = problems->draw({.shots = 20, .queries = 5}, {1, 0, n});
    EXPECT_EQ(one.name, problems->draw({.shots = 20, .queries = 5}, {1, 0, n}).name);
    EXPECT_NE(one.name, problems->draw({.shots = 20, .queries = 5}, {1, 0, n + 1}).name);
    double amplitude = 0, phase = 0;
    ASSERT_EQ(std::sscanf(one.name.c_str(), "%lf sin(x - %lf)", &amplitude, &phase), 2);
    largest = std::max(largest, amplitude);
    smallest = std::min(smallest, amplitude);
    ASSERT_EQ(one.shots.size(), 20);
    ASSERT_EQ(one.queries.size(), 5);
    for (const AdaptExample& each : one.shots.examples) {
      EXPECT_LE(std::abs(each.values[0]), 5);
      EXPECT_NEAR(each.target[0], amplitude * std::sin(each.values[0] - phase), 1e-3);
    }
  }
  EXPECT_GT(largest, 4.9);
  EXPECT_LT(smallest, 0.2);
}

// Categories of `each` examples with one value, which tells class and example.
AdaptData numbered(const std::vector<int>& each) {
  AdaptData data;
  for (size_t c = 0; c < each.size(); ++c) {
    AdaptCategory category{.name = std::to_string(c), .group = static_cast<int64_t>(c % 2)};
    for (int i = 0; i < each[c]; ++i) {
      category.examples.push_back(static_cast<int32_t>(data.examples.size()));
      data.examples.push_back({.values = {static_cast<float>(100 * c + static_cast<size_t>(i))}, .steps = 1});
    }
    data.categories.push_back(category);
  }
  return data;
}

TEST(Problems, OfClassesHaveShotsAndOtherQueriesOfEach) {
  const auto problems = category_problems(numbered({6, 6, 6, 6, 6, 6}), {}, {.ways = 3, .shots = 2, .queries = 3}, "x");
  std::set<int32_t> seen;
  for (int64_t n = 0; n < 50; ++n) {
    const Problem one = problems->draw({.ways = 3, .shots = 2, .queries = 3}, {1, 0, n});
    ASSERT_EQ(one.classes.size(), 3u);
    EXPECT_EQ(one.numbers[0] % 2, one.numbers[1] % 2);  // of one group
    EXPECT_EQ(one.numbers[0] % 2, one.numbers[2] % 2);
    std::set<float> values;
    for (const Examples* part : {&one.shots, &one.queries}) {
      for (int64_t i = 0; i < part->size(); ++i) {
        const float value = part->examples[static_cast<size_t>(i)].values[0];
        const int32_t number = one.numbers[static_cast<size_t>(part->classes[static_cast<size_t>(i)])];
        EXPECT_EQ(static_cast<int32_t>(value) / 100, number);
        seen.insert(number);
        values.insert(value);
      }
    }
    EXPECT_EQ(values.size(), 15u);
  }
  EXPECT_EQ(seen.size(), 6u);
}

TEST(Problems, OfASeriesMayKeepItsOrder) {
  const auto problems =
      category_problems(numbered({9}), {.classes = false, .ordered = true}, {.shots = 2, .queries = 3}, "x");
  for (int64_t n = 0; n < 20; ++n) {
    const Problem one = problems->draw({.shots = 2, .queries = 3}, {1, 0, n});
    const float first = one.shots.examples[0].values[0];
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(one.queries.examples[i].values[0], first + 2 + static_cast<float>(i));
    EXPECT_TRUE(one.classes.empty());
  }
}

TEST(Problems, TurnedPicturesAreFurtherClasses) {
  EXPECT_EQ(turned({1, 2, 3, 4}, 1, 1), (std::vector<float>{3, 1, 4, 2}));
  EXPECT_EQ(turned(turned({1, 2, 3, 4}, 1, 1), 1, 3), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(turned({1, 2, 5, 6, 3, 4, 7, 8}, 2, 2), (std::vector<float>{4, 3, 8, 7, 2, 1, 6, 5}));
  AdaptData data = numbered({4, 4});
  for (AdaptCategory& each : data.categories) each.group = 0;
  const auto problems =
      category_problems(std::move(data), {.rotate = true}, {.ways = 8, .shots = 1, .queries = 1}, "x");
  EXPECT_EQ(problems->categories(), 8);
  EXPECT_EQ(problems->draw({.ways = 8, .shots = 1, .queries = 1}, {}).numbers.size(), 8u);
}

TEST(Problems, WhatIsTooSmallIsLeftOutOrRefused) {
  const Drawing drawing{.ways = 2, .shots = 2, .queries = 2};
  AdaptData data = numbered({6, 6, 3, 3, 6, 3});
  for (AdaptCategory& each : data.categories) each.group = 0;
  EXPECT_EQ(category_problems(data, {}, drawing, "x")->categories(), 3);
  EXPECT_ERROR(category_problems(data, {}, {.ways = 4, .shots = 2, .queries = 2}, "the training data"),
               "the training data: expected at least 4 classes with 4 examples each, as a problem takes (ways), got 3 "
               "and 3 with fewer");
  EXPECT_ERROR(category_problems(data, {}, {.ways = 2, .shots = 5, .queries = 2}, "x"),
               "no class has the 7 examples that a problem takes, 5 shots and 2 queries; the largest has 6");
}

}  // namespace
}  // namespace recur
