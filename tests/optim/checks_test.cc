#include "recur/optim/checks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/throws.h"

namespace recur {
namespace {

constexpr double kTiny = std::numeric_limits<double>::denorm_min();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(OptimChecks, AFractionIsFromZeroToBelowOne) {
  for (const double good : {0.0, -0.0, kTiny, 0.5, std::nextafter(1, 0)}) EXPECT_NO_THROW(check_fraction("x", good));
  for (const double bad : {-kTiny, 1.0, 2.0, -kInfinity, kInfinity, std::nan("")})
    EXPECT_ERROR(check_fraction("adam: beta1", bad), "adam: beta1: expected at least 0 and below 1") << bad;
}

TEST(OptimChecks, APositiveNumberIsMoreThanZero) {
  for (const double good : {kTiny, 1.0, kInfinity}) EXPECT_NO_THROW(check_positive("x", good));
  for (const double bad : {0.0, -0.0, -kTiny, -1.0, std::nan("")})
    EXPECT_ERROR(check_positive("rate", bad), "rate: expected more than 0, got") << bad;
}

TEST(OptimChecks, WhatIsNotNegativeMayBeZero) {
  for (const double good : {0.0, -0.0, kTiny, 1e300}) EXPECT_NO_THROW(check_not_negative("x", good));
  for (const double bad : {-kTiny, -1.0, -kInfinity, std::nan("")})
    EXPECT_ERROR(check_not_negative("decay", bad), "decay: expected at least 0, got") << bad;
}

TEST(OptimChecks, SayTheNumberTheyGot) { EXPECT_ERROR(check_fraction("x", 1.5), "got 1.5"); }

}  // namespace
}  // namespace recur
