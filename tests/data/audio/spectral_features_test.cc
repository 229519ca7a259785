#include "recur/data/audio/spectral_features.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "recur/base/random.h"
#include "recur/data/audio/spectrum_masks.h"
#include "tests/data/audio/wave_bytes.h"
#include "tests/support/golden.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

TEST(RealFft, PowersAreThoseOfTheDefinition) {
  for (const int64_t n : {2, 4, 8, 64, 512}) {
    Random random(static_cast<uint64_t>(n));
    std::vector<float> x(static_cast<size_t>(n)), power(static_cast<size_t>(n / 2 + 1));
    random.normal(x);
    const std::vector<float> before = x;
    RealFft(n).power(x, power);
    for (int64_t k = 0; k <= n / 2; ++k) {
      double re = 0, im = 0;
      for (int64_t t = 0; t < n; ++t) {
        const double angle = -2 * std::numbers::pi * static_cast<double>(k * t % n) / static_cast<double>(n);
        re += before[t] * std::cos(angle);
        im += before[t] * std::sin(angle);
      }
      EXPECT_NEAR(power[k], re * re + im * im, 1e-4 * static_cast<double>(n)) << n << " " << k;
    }
  }
  EXPECT_ERROR(RealFft(12), "expected a power of two");
  EXPECT_ERROR(RealFft(1), "expected a power of two");
}

TEST(SpectralFeatures, AreKaldis) {
  for (const char* name : {"log_mel", "log_mel_8k", "mfcc", "mfcc_hamming"}) {
    const Golden golden(std::string("spectral_") + name);
    const auto real = [&](const char* key) { return std::stod(golden.text(key)); };
    const SpectralFeatures features({.kind = golden.text("kind"),
                                     .rate = golden.integer("rate"),
                                     .window_ms = real("window_ms"),
                                     .hop_ms = real("hop_ms"),
                                     .bands = golden.integer("bands"),
                                     .coefficients = golden.integer("coefficients"),
                                     .lifter = real("lifter"),
                                     .low_hz = real("low_hz"),
                                     .high_hz = real("high_hz"),
                                     .pre_emphasis = real("pre_emphasis"),
                                     .window = golden.text("window")});
    const Tensor want = golden["output.y"];
    const FrameRows rows = features(golden["input.x"].values<float>());
    ASSERT_EQ(rows.steps(), want.size(0)) << name;
    ASSERT_EQ(rows.width, want.size(1)) << name;
    EXPECT_EQ(features.steps(golden["input.x"].numel()), want.size(0));
    for (int64_t i = 0; i < want.numel(); ++i) {
      ASSERT_NEAR(rows.values[i], want.values<float>()[i], 2e-3) << name << " " << i;
    }
  }
}

TEST(SpectralFeatures, SoundsShorterThanAWindowHaveNoRows) {
  const SpectralFeatures features({});
  EXPECT_EQ(features.steps(399), 0);
  EXPECT_EQ(features(std::vector<float>(399)).steps(), 0);
  EXPECT_EQ(features.steps(400), 1);
  const FrameRows silence = features(std::vector<float>(400));
  EXPECT_EQ(silence.steps(), 1);
  for (const float x : silence.values) EXPECT_NEAR(x, std::log(1.1920929e-7f), 1e-5);
}

TEST(SpectralFeatures, DigitalSilenceIsAsDitherOnAverage) {
  constexpr int64_t kSteps = 2000;
  const SpectralOptions options{.rate = 8000, .bands = 20, .window = "hamming"};
  SpectralOptions with = options;
  with.dither = 3;
  const SpectralFeatures plain(options), dithered(with);
  std::vector<float> noise(static_cast<size_t>(plain.window() + plain.hop() * kSteps));
  Random random(1);
  random.normal(noise);
  for (float& x : noise) x *= 3.0f / 32768;
  const FrameRows silence = dithered(std::vector<float>(static_cast<size_t>(plain.window()))), rows = plain(noise);
  for (size_t b = 1; b < 20; ++b) {  // the lowest band lacks what the mean takes off
    double energy = 0;
    for (int64_t t = 0; t < rows.steps(); ++t) energy += std::exp(rows.values[static_cast<size_t>(t * 20) + b]);
    EXPECT_NEAR(silence.values[b], std::log(energy / static_cast<double>(rows.steps())), 0.05) << b;
  }
  // Loud sounds stay what they are.
  for (float& x : noise) x *= 1000;
  const FrameRows loud = plain(noise), same = dithered(noise);
  for (size_t i = 0; i < loud.values.size(); ++i) EXPECT_NEAR(loud.values[i], same.values[i], 1e-2);
}

TEST(SpectralFeatures, OptionsThatMakeNoSenseAreRefused) {
  EXPECT_THROW(SpectralFeatures({.dither = -1}), UsageError);
  EXPECT_THROW(SpectralFeatures({.kind = "spectrogram"}), UsageError);
  EXPECT_THROW(SpectralFeatures({.rate = 8000, .bands = 200}), UsageError);
  EXPECT_THROW(SpectralFeatures({.high_hz = 9000}), UsageError);
  EXPECT_THROW(SpectralFeatures({.low_hz = 500, .high_hz = 400}), UsageError);
  EXPECT_THROW(SpectralFeatures({.window_ms = 0}), UsageError);
  EXPECT_THROW(SpectralFeatures({.window_ms = 1e9}), UsageError);
  EXPECT_THROW(SpectralFeatures({.window = "triangle"}), UsageError);
  EXPECT_THROW(SpectralFeatures({.kind = "mfcc", .bands = 10, .coefficients = 11}), UsageError);
}

TEST(Normalise, EachFeatureHasMeanZeroAndVarianceOne) {
  FrameRows a{.values = {1, 5, 3, 5}, .width = 2}, b{.values = {5, 5}, .width = 2};
  FrameRows alone = a;
  normalise(alone, moments_of(alone));
  EXPECT_EQ(alone.values, (std::vector<float>{-1, 0, 1, 0}));
  FeatureMoments both = moments_of(a);
  both.add(moments_of(b));
  normalise(a, both);
  normalise(b, both);
  EXPECT_NEAR(a.values[0], -std::sqrt(1.5), 1e-6);
  EXPECT_NEAR(a.values[2], 0, 1e-6);
  EXPECT_NEAR(b.values[0], std::sqrt(1.5), 1e-6);
  EXPECT_EQ(b.values[1], 0);
}

TEST(HideParts, HidesNoMoreThanItsShareAndDrawsAlike) {
  const FrameRows ones{.values = std::vector<float>(100 * 20, 1), .width = 20};
  const auto masked = [&](uint64_t seed, const MaskOptions& options) {
    FrameRows rows = ones;
    Random random(seed);
    hide_parts(rows, options, random);
    return rows.values;
  };
  const auto hidden = [](const std::vector<float>& values) { return std::ranges::count(values, 0.0f); };
  int64_t most = 0;
  for (uint64_t seed = 1; seed < 50; ++seed) {
    const MaskOptions time{.feature_masks = 0, .time_masks = 2, .time_share = 0.1};
    EXPECT_EQ(hidden(masked(seed, time)) % 20, 0);
    EXPECT_LE(hidden(masked(seed, time)), 2 * 10 * 20);
    const MaskOptions features{.feature_masks = 1, .feature_share = 0.25, .time_masks = 0};
    EXPECT_LE(hidden(masked(seed, features)), 5 * 100);
    most = std::max<int64_t>(most, hidden(masked(seed, features)));
    EXPECT_EQ(masked(seed, {}), masked(seed, {}));
  }
  EXPECT_EQ(most, 500);
  EXPECT_EQ(hidden(masked(1, {.feature_masks = 0, .time_masks = 0})), 0);
  FrameRows none{.values = {}, .width = 20};
  Random random(1);
  hide_parts(none, {}, random);
  EXPECT_TRUE(none.values.empty());
}

}  // namespace
}  // namespace recur
