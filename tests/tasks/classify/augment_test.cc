#include "recur/tasks/classify/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

// Two channels, a line and its mirror, and a mark.
EncodedSequence lines(int64_t steps) {
  EncodedSequence out{.steps = steps, .features = 3};
  for (int64_t t = 0; t < steps; ++t) {
    const auto x = static_cast<float>(t);
    out.values.insert(out.values.end(), {x, -x, 1});
  }
  return out;
}

float at(const EncodedSequence& series, int64_t t, int64_t f) { return series.values[t * series.features + f]; }

TEST(Augment, ResamplingGoesOnStraightLines) {
  const std::vector<double> places{0, 0.25, 2.5, 3, 9};  // what is behind the end is the end
  const EncodedSequence out = resampled(lines(4), places);
  EXPECT_EQ(out.steps, 5);
  EXPECT_EQ(at(out, 1, 0), 0.25f);
  EXPECT_EQ(at(out, 2, 1), -2.5f);
  EXPECT_EQ(at(out, 4, 0), 3);
  EXPECT_EQ(at(out, 2, 2), 1);
}

TEST(Augment, ACropIsAPartDrawnOut) {
  Random random(1);
  for (int i = 0; i < 50; ++i) {
    const EncodedSequence out = cropped(lines(21), random);
    EXPECT_EQ(out.steps, 21);
    const float begin = at(out, 0, 0), end = at(out, 20, 0);
    EXPECT_GE(begin, 0);
    EXPECT_LE(end, 20);
    EXPECT_GE(end - begin, 16 - 1e-4);
    EXPECT_NEAR(at(out, 10, 0), (begin + end) / 2, 1e-4);  // evenly
  }
}

TEST(Augment, AWarpKeepsBothEndsAndTheOrder) {
  Random random(1);
  bool changed = false;
  for (int i = 0; i < 50; ++i) {
    const EncodedSequence series = lines(41), out = warped(series, random);
    EXPECT_EQ(out.steps, 41);
    EXPECT_NEAR(at(out, 0, 0), 0, 1e-4);
    EXPECT_NEAR(at(out, 40, 0), 40, 1e-4);
    for (int64_t t = 1; t < 41; ++t) EXPECT_GE(at(out, t, 0), at(out, t - 1, 0));
    changed = changed || std::abs(at(out, 20, 0) - 20) > 0.5;
  }
  EXPECT_TRUE(changed);
}

TEST(Augment, NoiseAndScaleLeaveTheMarksAlone) {
  Random random(1);
  const EncodedSequence series = lines(1000), noisy = jittered(series, 2, random), larger = rescaled(series, 2, random);
  double squares = 0;
  for (int64_t t = 0; t < 1000; ++t) {
    squares += std::pow(at(noisy, t, 0) - at(series, t, 0), 2);
    EXPECT_EQ(at(noisy, t, 2), 1);
    EXPECT_EQ(at(larger, t, 2), 1);
    EXPECT_NEAR(at(larger, t, 0) * at(larger, 999, 1), at(larger, t, 1) * at(larger, 999, 0), 1) << t;
  }
  EXPECT_NEAR(std::sqrt(squares / 1000), 0.05, 0.005);
  EXPECT_NE(at(larger, 999, 0), 999);
}

TEST(Augment, OnlyWhatIsAskedForHappens) {
  Random random(1);
  const EncodedSequence series = lines(30);
  EXPECT_EQ(augmented(series, 2, {.kinds = {"mixup"}}, random).values, series.values);
  bool changed = false;
  for (int i = 0; i < 20; ++i) {
    changed = changed || augmented(series, 2, {.kinds = {"warp"}}, random).values != series.values;
    EXPECT_EQ(augmented(lines(3), 2, {.kinds = {"warp", "crop"}}, random).values, lines(3).values);  // too short
  }
  EXPECT_TRUE(changed);
}

TEST(Augment, MixesMostlyOneExample) {
  Random random(1);
  double sum = 0, middle = 0;
  for (int i = 0; i < 4000; ++i) {
    const double share = mixup_share(random);
    ASSERT_GE(share, 0);
    ASSERT_LE(share, 1);
    sum += share;
    middle += share > 0.25 && share < 0.75 ? 1 : 0;
  }
  EXPECT_NEAR(sum / 4000, 0.5, 0.02);
  EXPECT_NEAR(middle / 4000, 0.171, 0.02);  // of Beta(0.2, 0.2)
}

}  // namespace
}  // namespace recur
