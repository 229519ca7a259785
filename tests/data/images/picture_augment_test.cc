#include "recur/data/images/picture_augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "recur/base/moments.h"

namespace recur {
namespace {

constexpr PictureSize kSquare{.height = 3, .width = 3, .channels = 2};

// Pixels [n, 3, 3, 2] that are all different, 0 .. 1.
std::vector<float> pixels(int64_t n) {
  std::vector<float> values(static_cast<size_t>(n * kSquare.numbers()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / static_cast<float>(values.size());
  return values;
}

// What `count` draws make of pixels(1), rounded.
std::set<std::vector<int>> made(const std::vector<std::string>& kinds, int count) {
  std::set<std::vector<int>> all;
  Random random(1);
  for (int k = 0; k < count; ++k) {
    std::vector<float> values = pixels(1);
    change_pictures(values, kSquare, kinds, random);
    std::vector<int> rounded;
    for (const float value : values) rounded.push_back(static_cast<int>(value * 1000 + 0.5f));
    all.insert(rounded);
  }
  return all;
}

TEST(ChangePictures, QuarterTurnsAndMirrorsMakeTheEightOfASquare) {
  EXPECT_EQ(made({"mirror"}, 50).size(), 2u);
  EXPECT_EQ(made({"turn"}, 50).size(), 4u);
  const auto eight = made({"turn", "mirror"}, 200);
  EXPECT_EQ(eight.size(), 8u);
  // Pixels change places, whole: each picture has the same ones.
  std::vector<int> same = *eight.begin();
  std::ranges::sort(same);
  for (std::vector<int> each : eight) {
    std::ranges::sort(each);
    EXPECT_EQ(each, same);
  }
}

TEST(ChangePictures, APictureThatIsNotSquareIsTurnedUpsideDownOnly) {
  Random random(3);
  std::set<std::vector<float>> all;
  for (int k = 0; k < 50; ++k) {
    std::vector<float> values{0, 1, 2, 3, 4, 5};
    change_pictures(values, {.height = 2, .width = 3, .channels = 1}, std::vector<std::string>{"turn"}, random);
    for (float& value : values) value = std::round(value);
    all.insert(values);
  }
  EXPECT_EQ(all, (std::set<std::vector<float>>{{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}}));
}

TEST(ChangePictures, FramesOfAClipMoveTogether) {
  Random random(2);
  for (int k = 0; k < 20; ++k) {
    const std::vector<float> one = pixels(1);
    std::vector<float> clip = one;
    clip.insert(clip.end(), one.begin(), one.end());
    change_pictures(clip, kSquare, std::vector<std::string>{"shift", "rotate", "turn", "mirror", "light"}, random);
    const auto middle = clip.begin() + kSquare.numbers();
    EXPECT_TRUE(std::equal(clip.begin(), middle, middle, [](float a, float b) { return std::abs(a - b) < 1e-6f; }));
  }
}

TEST(ChangePictures, LightAndNoiseKeepPixelsInTheirPlaces) {
  Random random(4);
  int changed = 0;
  for (int k = 0; k < 20; ++k) {
    std::vector<float> values = pixels(1);
    const std::vector<float> before = values;
    change_pictures(values, kSquare, std::vector<std::string>{"light"}, random);
    changed += values != before ? 1 : 0;
    EXPECT_TRUE(std::ranges::is_sorted(values));
  }
  EXPECT_GT(changed, 3);
  EXPECT_LT(changed, 17);
  std::vector<float> noisy(10000, 0.5f);
  while (noisy[0] == 0.5f) {
    change_pictures(noisy, {.height = 100, .width = 100, .channels = 1}, std::vector<std::string>{"jitter"}, random);
  }
  EXPECT_NEAR(moments_of(noisy).deviation, 0.02, 0.001);
  EXPECT_NEAR(moments_of(noisy).mean, 0.5, 0.001);
}

TEST(ChangePictures, KindsOfOthersAndNoneChangeNothing) { EXPECT_EQ(made({"none", "crop", "warp"}, 50).size(), 1u); }

}  // namespace
}  // namespace recur
