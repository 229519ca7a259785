#include "recur/tasks/translate/teaching.h"

#include <gtest/gtest.h>

#include <cmath>

namespace recur {
namespace {

TEST(Teaching, FallsAsThePaperSays) {
  const auto at = [](const char* kind, int64_t step, double least = 0) {
    return teaching_probability({.kind = kind, .steps = 1000, .least = least}, step);
  };
  EXPECT_EQ(at("none", 1 << 20), 1);
  EXPECT_DOUBLE_EQ(at("linear", 250), 0.75);
  EXPECT_EQ(at("linear", 2000), 0);
  EXPECT_EQ(at("linear", 2000, 0.3), 0.3);
  EXPECT_DOUBLE_EQ(at("exponential", 1000), std::exp(-1));
  EXPECT_NEAR(at("inverse_sigmoid", 1000), 0.5, 1e-9);
  EXPECT_GT(at("inverse_sigmoid", 0), 0.99);
  EXPECT_LT(at("inverse_sigmoid", 100000), 1e-6);
  EXPECT_LT(at("inverse_sigmoid", int64_t{1} << 60), 1e-100);
}

TEST(Teaching, NeverRises) {
  for (const char* kind : {"linear", "exponential", "inverse_sigmoid"}) {
    for (const double steps : {1.0, 10.0, 1e6}) {
      double before = 1;
      for (int64_t i = 0; i < 3000; i += 7) {
        const double now = teaching_probability({.kind = kind, .steps = steps}, i);
        EXPECT_LE(now, before);
        EXPECT_GE(now, 0);
        before = now;
      }
    }
  }
}

}  // namespace
}  // namespace recur
