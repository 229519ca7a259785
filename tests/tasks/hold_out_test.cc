#include "recur/tasks/hold_out.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/throws.h"

namespace recur {
namespace {

std::vector<std::string> labels(int count, int rare_every) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.emplace_back(i % rare_every == 0 ? "rare" : "usual");
  return out;
}

TEST(HoldOutOf, GivesEveryLabelItsShare) {
  const auto all = labels(200, 10);
  const HoldOut parts = hold_out(all, 0.2, 1);
  EXPECT_EQ(parts.valid.size(), 40u);
  EXPECT_EQ(std::ranges::count_if(parts.valid, [&](int64_t i) { return all[i] == "rare"; }), 4);
}

TEST(HoldOutOf, PartsAreWholeAndInOrder) {
  const HoldOut parts = hold_out(labels(31, 3), 0.3, 2);
  std::vector<int64_t> both;
  std::ranges::merge(parts.train, parts.valid, std::back_inserter(both));
  ASSERT_EQ(both.size(), 31u);
  for (int64_t i = 0; i < 31; ++i) EXPECT_EQ(both[i], i);
}

TEST(HoldOutOf, FollowsFromTheSeed) {
  EXPECT_EQ(hold_out(labels(50, 5), 0.2, 1).valid, hold_out(labels(50, 5), 0.2, 1).valid);
  EXPECT_NE(hold_out(labels(50, 5), 0.2, 1).valid, hold_out(labels(50, 5), 0.2, 2).valid);
}

TEST(Folds, HoldOutEachExampleAtMostOnce) {
  const auto all = labels(50, 5);
  const std::vector<HoldOut> parts = folds(all, 0.2, 5, 3);
  EXPECT_EQ(parts[0].valid, hold_out(all, 0.2, 3).valid);
  std::vector<int64_t> held;
  for (const HoldOut& fold : parts) {
    EXPECT_EQ(fold.valid.size(), 10u);
    EXPECT_EQ(std::ranges::count_if(fold.valid, [&](int64_t i) { return all[i] == "rare"; }), 2);
    held.insert(held.end(), fold.valid.begin(), fold.valid.end());
  }
  std::ranges::sort(held);
  EXPECT_EQ(held, all_of(50));
}

TEST(HoldOutOf, RefusesAnEmptyPart) {
  EXPECT_ERROR(hold_out(labels(3, 2), 0.01, 1), "one of the parts would be empty");
  EXPECT_ERROR(hold_out({}, 0.5, 1), "of 0 examples");
}

}  // namespace
}  // namespace recur
