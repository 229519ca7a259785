#include "recur/data/scaler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "recur/base/random.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::Each;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Scaler fit(ScalerKind kind, int64_t channels, const std::vector<float>& values) {
  const std::vector<std::span<const float>> parts{values};
  return Scaler::fit(kind, channels, parts);
}

Affine only_map(ScalerKind kind, const std::vector<float>& values) { return fit(kind, 1, values).maps({}, 1)[0]; }

TEST(Scaler, StandardGivesMeanZeroAndDeviationOne) {
  EXPECT_EQ(only_map(ScalerKind::kStandard, {1, 3, 5, 7}), (Affine{4, std::sqrt(5.0F)}));
}

TEST(Scaler, MinMaxGivesZeroToOne) { EXPECT_EQ(only_map(ScalerKind::kMinMax, {3, -1, 1}), (Affine{-1, 4})); }

TEST(Scaler, RobustIgnoresOutliers) {
  EXPECT_EQ(only_map(ScalerKind::kRobust, {1, 2, 3, 4, 1e9F}), (Affine{3, 2}));
  EXPECT_EQ(only_map(ScalerKind::kRobust, {1, 2}), (Affine{1.5F, 0.5F}));
}

TEST(Scaler, LeavesMissingValuesOutAndKeepsThemMissing) {
  const std::vector<float> values{1, kNan, kNan, 10, 3, kNan, kNan, 30};  // [4, 2]
  const Scaler scaler = fit(ScalerKind::kStandard, 2, values);
  const auto maps = scaler.maps({}, 2);
  EXPECT_EQ(maps[0], (Affine{2, 1}));
  EXPECT_EQ(maps[1], (Affine{20, 10}));
  std::vector<float> scaled = values;
  apply_maps(maps, scaled);
  EXPECT_EQ(scaled[0], -1);
  EXPECT_TRUE(std::isnan(scaled[1]));
  EXPECT_EQ(scaled[7], 1);
}

TEST(Scaler, JoinsThePartsOfAllSequences) {
  const std::vector<float> a{1, 2}, b{9};
  const std::vector<std::span<const float>> parts{a, {}, b};
  EXPECT_EQ(Scaler::fit(ScalerKind::kMinMax, 1, parts).maps({}, 1)[0], (Affine{1, 8}));
}

// Parts of one step, as from a disk, against a single one in memory.
TEST(Scaler, ReadsPartsAgainToTheSameBits) {
  Random random(6);
  std::vector<float> values(3 * 1001);
  random.normal(values);
  for (size_t i = 0; i < values.size(); i += 7) values[i] = kNan;
  for (const ScalerKind kind : {ScalerKind::kStandard, ScalerKind::kMinMax, ScalerKind::kRobust, ScalerKind::kNone}) {
    const Scaler streamed = Scaler::fit(kind, 3, [&](const PartVisitor& visit) {
      for (size_t t = 0; t < values.size(); t += 3) visit(std::span<const float>(values).subspan(t, 3));
    });
    EXPECT_EQ(streamed.maps({}, 3), fit(kind, 3, values).maps({}, 3));
  }
}

TEST(Scaler, TakesScaleOneWhereThereIsNoSpread) {
  for (const ScalerKind kind : {ScalerKind::kStandard, ScalerKind::kMinMax, ScalerKind::kRobust}) {
    EXPECT_EQ(only_map(kind, {5, 5, 5}), (Affine{5, 1}));
    EXPECT_EQ(only_map(kind, {kNan}), (Affine{0, 1}));
    EXPECT_EQ(only_map(kind, {}), (Affine{0, 1}));
  }
  EXPECT_EQ(only_map(ScalerKind::kStandard, {0.1F, 0.1F, 0.1F}).scale, 1);  // rounding is no spread
}

TEST(Scaler, MeanAbsFollowsFromThePastOfEachSeries) {
  const Scaler scaler = fit(ScalerKind::kMeanAbs, 1, {100});
  EXPECT_TRUE(scaler.per_series());
  EXPECT_EQ(scaler.maps(std::vector<float>{1, -3, kNan}, 1)[0], (Affine{0, 2}));
  EXPECT_EQ(scaler.maps(std::vector<float>{0, 0}, 1)[0], (Affine{0, 1}));
  EXPECT_EQ(scaler.maps({}, 1)[0], (Affine{0, 1}));
}

TEST(Scaler, InvertsWhatItApplies) {
  const std::vector<float> values{1, 200, 3, 400, 7, 100};
  for (const ScalerKind kind :
       {ScalerKind::kNone, ScalerKind::kStandard, ScalerKind::kMinMax, ScalerKind::kRobust, ScalerKind::kMeanAbs}) {
    const auto maps = fit(kind, 2, values).maps(values, 2);
    std::vector<float> there_and_back = values;
    apply_maps(maps, there_and_back);
    invert_maps(maps, there_and_back);
    for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(there_and_back[i], values[i], 1e-4);
  }
}

TEST(Scaler, ComesBackFromItsTextToTheBit) {
  const Scaler scaler = fit(ScalerKind::kStandard, 2, {0.1F, 3e-5F, 0.7F, 1e6F, 1.0F / 3, 2});
  EXPECT_EQ(Scaler::from_text(scaler.to_text(), 2).maps({}, 2), scaler.maps({}, 2));
  EXPECT_EQ(Scaler::from_text(fit(ScalerKind::kMeanAbs, 1, {1}).to_text(), 1).kind(), ScalerKind::kMeanAbs);
  EXPECT_EQ(Scaler::from_text(Scaler().to_text(), 3).maps({}, 3), std::vector<Affine>(3));
}

TEST(Scaler, RefusesHostileTexts) {
  const auto refuse = [](const std::string& text) { EXPECT_ERROR(Scaler::from_text(text, 1), "scaler: damaged"); };
  refuse("");
  refuse("{\"scaler\": \"standard\"}");
  refuse(R"({"scaler": "wrong", "shift": [0], "scale": [1]})");
  refuse(R"({"scaler": "standard", "shift": [0, 1], "scale": [1, 1]})");
  refuse(R"({"scaler": "standard", "shift": [0], "scale": [0]})");
  refuse(R"({"scaler": "standard", "shift": [0], "scale": [-1]})");
  refuse(R"({"scaler": "standard", "shift": [0], "scale": [1e39]})");
  refuse(R"({"scaler": "standard", "shift": [null], "scale": [1]})");
  refuse(R"({"scaler": "none", "shift": [0], "scale": [1]})");
  refuse(std::string(100000, '['));
}

TEST(Scaler, RefusesOtherNumbersOfChannels) {
  EXPECT_ERROR(fit(ScalerKind::kStandard, 2, {1, 2, 3}), "3 values are not whole steps of 2 channels");
  EXPECT_ERROR(fit(ScalerKind::kStandard, 2, {1, 2}).maps({}, 3), "fitted on 2 channels and is used on 3");
  EXPECT_ERROR(scaler_from_name("standart"), "unknown scaler 'standart'; did you mean 'standard'?");
  EXPECT_EQ(scaler_from_name("minmax"), ScalerKind::kMinMax);
}

}  // namespace
}  // namespace recur
