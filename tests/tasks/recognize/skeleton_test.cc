#include "recur/tasks/recognize/skeleton.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "recur/tasks/recognize/clip_augment.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
const ClipShape kTwo{.kind = ClipKind::kSkeleton, .joints = 2, .dimensions = 2};

RecognizeDataOptions reading(std::vector<std::string> features, const std::string& center = "frame") {
  RecognizeDataOptions options;
  options.features = std::move(features);
  options.center = center;
  return options;
}

TEST(FillJoints, TakesWhatWasSeenBefore) {
  std::vector<float> values{kNan, 1, 5, 6, 1, 2, 0, 0, 3, 4, 7, 8};
  EXPECT_EQ(fill_joints(values, kTwo, true), 2);
  EXPECT_EQ(values, (std::vector<float>{1, 2, 5, 6, 1, 2, 5, 6, 3, 4, 7, 8}));
}

TEST(FillJoints, KeepsZerosThatAreValues) {
  std::vector<float> root{0, 0, 5, 6, 0, 0, 7, 8};  // a root that the others are seen from
  EXPECT_EQ(fill_joints(root, kTwo, true), 0);
  std::vector<float> values{1, 2, 5, 6, 0, 0, 7, 8};
  EXPECT_EQ(fill_joints(values, kTwo, false), 0);
}

TEST(FillJoints, PutsAJointThatIsNeverSeenAmongTheOthers) {
  std::vector<float> values{kNan, kNan, 5, 6, kNan, kNan, 7, 8};
  EXPECT_EQ(fill_joints(values, kTwo, true), 2);
  EXPECT_EQ(values, (std::vector<float>{5, 6, 5, 6, 7, 8, 7, 8}));
  std::vector<float> none(4, kNan);
  fill_joints(none, kTwo, true);
  EXPECT_EQ(none, (std::vector<float>{0, 0, 0, 0}));
}

std::vector<float> read_all(const std::vector<float>& values, const RecognizeDataOptions& options, float size = 1) {
  SkeletonReader reader(kTwo, options, size);
  std::vector<float> out;
  std::vector<float> frame(static_cast<size_t>(skeleton_features(kTwo, options)));
  for (size_t at = 0; at < values.size(); at += 4) {
    reader.next(std::span(values).subspan(at, 4), frame);
    out.insert(out.end(), frame.begin(), frame.end());
  }
  return out;
}

TEST(SkeletonReader, SeesJointsFromTheRoot) {
  const std::vector<float> values{1, 1, 3, 1, 2, 1, 4, 3};
  RecognizeDataOptions options = reading({"positions"});
  EXPECT_EQ(read_all(values, options), (std::vector<float>{-1, 0, 1, 0, -1, -1, 1, 1}));
  options.root = 1;
  EXPECT_EQ(read_all(values, options, 2), (std::vector<float>{0, 0, 1, 0, 0, 0, 1, 1}));
  options.center = "clip";  // the first frame's root stays
  EXPECT_EQ(read_all(values, options), (std::vector<float>{0, 0, 2, 0, 1, 0, 3, 2}));
  options.center = "none";
  EXPECT_EQ(read_all(values, options), values);
}

TEST(SkeletonReader, HasVelocitiesAndDistances) {
  const std::vector<float> values{1, 1, 4, 5, 2, 1, 2, 3};
  EXPECT_EQ(read_all(values, reading({"velocity"})), (std::vector<float>{0, 0, 0, 0, 1, 0, -2, -2}));
  EXPECT_EQ(read_all(values, reading({"distances"})), (std::vector<float>{5, 2}));
  const RecognizeDataOptions all = reading({"positions", "velocity", "distances"});
  EXPECT_EQ(skeleton_features(kTwo, all), 9);
  EXPECT_EQ(feature_group(1, kTwo, all), 0);
  EXPECT_EQ(feature_group(2, kTwo, all), 1);
  EXPECT_EQ(feature_group(8, kTwo, all), 2);
}

TEST(BodySize, IsTheMeanDistanceFromTheRoot) {
  EXPECT_FLOAT_EQ(body_size(std::vector<float>{0, 0, 6, 8}, kTwo, 0), 5);
  EXPECT_FLOAT_EQ(body_size(std::vector<float>{0, 0, 6, 8}, kTwo, 1), 5);
  EXPECT_FLOAT_EQ(body_size(std::vector<float>{1, 1, 1, 1}, kTwo, 0), 1);
}

TEST(BodyParts, HaveEachJointOnce) {
  EXPECT_EQ(body_parts({}, 20).size(), 5u);
  EXPECT_EQ(body_parts({}, 15)[0], (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(body_parts({"1-3", "2"}, 3), (std::vector<std::vector<int64_t>>{{0, 2}, {1}}));
  EXPECT_ERROR(body_parts({}, 7), "7 joints has no usual parts");
  EXPECT_ERROR(body_parts({"1-2", "2"}, 2), "expected each joint in one part, joint 2 is in 2");
  EXPECT_ERROR(body_parts({"1-9"}, 2), "expected joints 1 to 2");
  EXPECT_ERROR(joint_pairs({"1-2-3"}, 5), "expected two joints");
}

// --- Augmentation ---

RawClip walk() {
  RawClip clip{.values = {}, .labels = {}, .steps = 12};
  for (int t = 0; t < 12; ++t) {
    clip.values.insert(clip.values.end(), {0.1f * static_cast<float>(t), 1, 2, 3});
    clip.labels.push_back(t < 6 ? 0 : 1);
  }
  return clip;
}

ClipAugmentOptions only(const std::string& kind) {
  ClipAugmentOptions options;
  options.kinds = {kind};
  return options;
}

TEST(ChangeClip, KeepsStepsAndLabels) {
  for (const char* kind : {"crop", "warp", "rotate", "mirror", "scale", "jitter", "drop"}) {
    int changed = 0;
    for (uint64_t seed = 0; seed < 20; ++seed) {
      Random random(seed);
      RawClip clip = walk();
      change_clip(clip, kTwo, only(kind), {{0, 1}}, random);
      ASSERT_EQ(clip.steps, 12) << kind;
      ASSERT_EQ(clip.values.size(), 48u) << kind;
      ASSERT_EQ(clip.labels.size(), 12u) << kind;
      EXPECT_EQ(clip.labels.front(), 0);
      EXPECT_EQ(clip.labels.back(), 1);
      changed += clip.values != walk().values ? 1 : 0;
    }
    EXPECT_GT(changed, 2) << kind;
    EXPECT_LT(changed, 16) << kind;  // each with probability 1/2
  }
}

TEST(ChangeClip, AMirrorTwiceIsNone) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    RawClip clip = walk();
    for (int k = 0; k < 2; ++k) {
      Random random(seed);
      change_clip(clip, kTwo, only("mirror"), {{0, 1}}, random);
    }
    for (size_t i = 0; i < clip.values.size(); ++i) EXPECT_NEAR(clip.values[i], walk().values[i], 1e-5);
  }
}

TEST(ChangeClip, ATurnKeepsDistances) {
  const ClipShape shape{.kind = ClipKind::kSkeleton, .joints = 2, .dimensions = 3};
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Random random(seed);
    RawClip clip{.values = {1, 2, 3, 4, 6, 3}, .labels = {}, .steps = 1};
    change_clip(clip, shape, only("rotate"), {}, random);
    EXPECT_NEAR(
        std::hypot(clip.values[0] - clip.values[3], clip.values[1] - clip.values[4], clip.values[2] - clip.values[5]),
        5, 1e-4);
  }
}

TEST(ChangeClip, PicturesKeepTheirRange) {
  const ClipShape shape{.kind = ClipKind::kFrames, .channels = 3, .height = 5, .width = 4};
  for (const char* kind : {"shift", "rotate", "mirror"}) {
    for (uint64_t seed = 0; seed < 10; ++seed) {
      Random random(seed);
      RawClip clip{.values = std::vector<float>(2 * 60), .labels = {}, .steps = 2};
      for (size_t i = 0; i < clip.values.size(); ++i) clip.values[i] = static_cast<float>(i % 7) / 7;
      change_clip(clip, shape, only(kind), {}, random);
      for (const float value : clip.values) {
        EXPECT_GE(value, -1e-6);
        EXPECT_LE(value, 1);
      }
    }
  }
}

TEST(FramesAt, LieBetweenTheirNeighbours) {
  const RawClip clip{.values = {0, 10, 4, 20}, .labels = {3, 5}, .steps = 2};
  const RawClip out = frames_at(clip, std::vector<double>{0.25, 0.75, 9}, 2);
  EXPECT_EQ(out.values, (std::vector<float>{1, 12.5, 3, 17.5, 4, 20}));
  EXPECT_EQ(out.labels, (std::vector<int32_t>{3, 5, 5}));
}

}  // namespace
}  // namespace recur
