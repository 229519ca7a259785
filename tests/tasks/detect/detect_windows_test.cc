// Windows against loops over every step; detect_score_test.cc has those that the scores are made of.
#include "recur/tasks/detect/detect_windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace recur {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr Truth kNormal = Truth::kNormal, kAnomalous = Truth::kAnomalous, kUnknown = Truth::kUnknown;
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

// Normal sequences of these lengths with F = 3 features, of which C = 2 are channels; each value tells its place:
// 100 sequence + 10 step + feature, from 1 on.
DetectData data_of(const std::vector<int64_t>& lengths) {
  DetectData data{.sequences = {}, .features = 3, .channels = 2};
  for (size_t i = 0; i < lengths.size(); ++i) {
    DetectSequence s{.input = {}, .target = {}, .truth = std::vector(lengths[i], kNormal), .steps = lengths[i]};
    for (int64_t t = 0; t < lengths[i]; ++t) {
      for (int64_t f = 0; f < 3; ++f) {
        const auto value = static_cast<float>(100 * (i + 1) + 10 * t + f);
        s.input.push_back(value);
        if (f < 2) s.target.push_back(value);
      }
    }
    data.sequences.push_back(std::move(s));
  }
  return data;
}

std::vector<std::vector<int64_t>> listed(const std::vector<Window>& windows) {
  std::vector<std::vector<int64_t>> out;
  for (const Window& w : windows) out.push_back({w.sequence, w.begin, w.steps});
  return out;
}

TEST(CutWindows, EveryStepIsInAWindowAndNoWindowIsInAnother) {
  for (const int64_t window : {2, 3, 7}) {
    for (int64_t stride = 1; stride <= window; ++stride) {
      for (int64_t steps = 0; steps < 20; ++steps) {
        const std::vector<Window> windows = cut_windows(data_of({steps}), window, stride);
        std::vector<int> seen(static_cast<size_t>(steps), 0);
        for (size_t i = 0; i < windows.size(); ++i) {
          ASSERT_GT(windows[i].steps, 0);
          ASSERT_LE(windows[i].steps, window);
          ASSERT_EQ(windows[i].begin, static_cast<int64_t>(i) * stride);
          for (int64_t t = 0; t < windows[i].steps; ++t) ++seen.at(windows[i].begin + t);
          if (i > 0) {
            ASSERT_GT(windows[i].begin + windows[i].steps, windows[i - 1].begin + windows[i - 1].steps);
          }
          if (i + 1 < windows.size()) {
            ASSERT_EQ(windows[i].steps, window);
          }
        }
        EXPECT_THAT(seen, Each(::testing::Ge(1))) << window << ' ' << stride << ' ' << steps;
      }
    }
  }
}

TEST(CutWindows, OfSequencesTheShortAreWholeAndTheEmptyGiveNone) {
  EXPECT_THAT(listed(cut_windows(data_of({0, 1, 4, 5}), 4, 4)),
              ElementsAre(ElementsAre(1, 0, 1), ElementsAre(2, 0, 4), ElementsAre(3, 0, 4), ElementsAre(3, 4, 1)));
}

TEST(TrainingWindows, LieHalfOverEachOther) {
  EXPECT_THAT(listed(training_windows(data_of({7}), 4, "forecast")),
              ElementsAre(ElementsAre(0, 0, 4), ElementsAre(0, 2, 4), ElementsAre(0, 4, 3)));
}

TEST(TrainingWindows, AreJudgedByTheirOwnStepsAlone) {
  DetectData data = data_of({8});
  data.sequences[0].truth = {kNormal, kNormal, kNormal, kNormal, kNormal, kAnomalous, kAnomalous, kAnomalous};
  EXPECT_THAT(listed(training_windows(data, 4, "reconstruct")), ElementsAre(ElementsAre(0, 0, 4)));
  EXPECT_EQ(training_windows(data, 4, "forecast").size(), 3u);
  EXPECT_THAT(listed(training_windows(data, 2, "forecast")).back(), ElementsAre(0, 4, 2));  // of 8 by ones
  data.sequences[0].truth.assign(8, kUnknown);
  EXPECT_TRUE(training_windows(data, 4, "classify").empty());
  EXPECT_EQ(training_windows(data, 4, "reconstruct").size(), 3u);
  data.sequences[0].truth[7] = kNormal;
  EXPECT_THAT(listed(training_windows(data, 4, "classify")), ElementsAre(ElementsAre(0, 4, 4)));
}

TEST(MakeWindows, AreTimeMajorWithZerosBehindTheShorter) {
  const DetectData data = data_of({3, 5});
  const std::vector<Window> windows{{1, 3, 2}, {0, 0, 3}};
  const WindowBatch batch = make_windows(data, windows, false);
  EXPECT_EQ(batch.x.shape(), (Shape{3, 2, 3}));
  EXPECT_THAT(batch.lengths, ElementsAre(2, 3));
  EXPECT_THAT(batch.x.values<float>(),
              ElementsAre(230, 231, 232, 100, 101, 102, 240, 241, 242, 110, 111, 112, 0, 0, 0, 120, 121, 122));
}

TEST(MakeWindows, LateOnesHoldTheStepBeforeEachAndZerosBeforeTheFirst) {
  const DetectData data = data_of({4});
  const std::vector<Window> windows{{0, 0, 2}, {0, 2, 2}};
  EXPECT_THAT(make_windows(data, windows, true).x.values<float>(),
              ElementsAre(0, 0, 0, 110, 111, 112, 100, 101, 102, 120, 121, 122));
}

TEST(MakeTargets, OfErrorsAreTheChannelsWithoutTheOtherFeatures) {
  DetectData data = data_of({3, 2});
  data.sequences[1].target[1] = kNone;
  data.sequences[0].truth[2] = kAnomalous;
  const std::vector<Window> windows{{1, 0, 2}, {0, 0, 3}};
  const WindowTargets targets = make_targets(data, windows, false, 9);
  EXPECT_EQ(targets.values.shape(), (Shape{3, 2, 2}));
  EXPECT_THAT(targets.values.values<float>(), ElementsAre(200, 0, 100, 101, 210, 211, 110, 111, 0, 0, 0, 0));
  EXPECT_THAT(targets.weights.values<float>(), ElementsAre(1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0));
}

TEST(MakeTargets, OfClassificationHoldWhetherOrNotTheValuesAreMissing) {
  DetectData data = data_of({3});
  data.sequences[0].target.assign(6, kNone);
  data.sequences[0].truth = {kAnomalous, kUnknown, kNormal};
  const std::vector<Window> windows{{0, 0, 3}, {0, 2, 1}};
  const WindowTargets targets = make_targets(data, windows, true, 2.5);
  EXPECT_EQ(targets.values.shape(), (Shape{3, 2, 1}));
  EXPECT_THAT(targets.values.values<float>(), ElementsAre(1, 0, 0, 0, 0, 0));
  EXPECT_THAT(targets.weights.values<float>(), ElementsAre(2.5, 1, 0, 0, 1, 0));
}

TEST(MakeWindows, OfNoneAreEmpty) {
  const DetectData data = data_of({3});
  EXPECT_EQ(make_windows(data, {}, false).x.numel(), 0);
  EXPECT_EQ(make_targets(data, {}, false).values.numel(), 0);
}

}  // namespace
}  // namespace recur
