#include "recur/data/tables/digit_loss.h"

#include <gtest/gtest.h>

#include <span>
#include <vector>

namespace recur {
namespace {

DigitLoss loss_of(std::span<const double> values) {
  DigitLoss loss;
  double before = std::numeric_limits<double>::quiet_NaN();
  for (const double value : values) {
    loss.add(value, before);
    before = value;
  }
  return loss;
}

TEST(DigitLoss, IsFoundWhereRoundingIsAPartOfTheSteps) {
  std::vector<double> meter, whole, ordinary, counting;
  for (int i = 0; i < 50; ++i) {
    meter.push_back(1e8 + i % 7 * 0.3);
    whole.push_back(16000000 + i % 5);  // below 2^24, exact
    ordinary.push_back(20.5 + i % 7 * 0.1);
    counting.push_back(i * 1e9 + i % 7);  // no offset helps
  }
  EXPECT_TRUE(loss_of(meter).found());
  EXPECT_NEAR(*loss_of(meter).offset(), 1e8, 2);
  EXPECT_FALSE(loss_of(whole).found());
  EXPECT_FALSE(loss_of(ordinary).found());
  EXPECT_EQ(loss_of(counting).offset(), std::nullopt);
  EXPECT_FALSE(loss_of(std::vector<double>{1e8 + 0.1, 1e8 + 0.2}).found());  // too few to say
  EXPECT_FALSE(loss_of(std::vector<double>(20, 1e8 + 0.3)).found());         // no steps
}

}  // namespace
}  // namespace recur
