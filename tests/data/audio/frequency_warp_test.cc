#include "recur/data/audio/frequency_warp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "recur/data/audio/spectral_features.h"

namespace recur {
namespace {

constexpr int64_t kRate = 16000, kBands = 60;
constexpr MelBandOptions kOptions{.rate = kRate, .bands = kBands, .low_hz = 20, .high_hz = 0};

// Of tones of these frequencies.
FrameRows energies(const std::vector<double>& hz) {
  std::vector<float> samples(8000);
  for (size_t n = 0; n < samples.size(); ++n) {
    for (const double each : hz) {
      samples[n] += static_cast<float>(0.1 * std::sin(2 * std::numbers::pi * each * static_cast<double>(n) / kRate));
    }
  }
  return SpectralFeatures({.rate = kRate, .bands = kBands, .dither = 1})(samples);
}

int64_t loudest(const FrameRows& rows) {
  const auto row = rows.values.begin() + 10 * kBands;
  return std::max_element(row, row + kBands) - row;
}

TEST(FrequencyWarp, AToneMovesToItsFrequencyTimesTheFactor) {
  const FrequencyWarp warp(kOptions);
  for (const double factor : {0.8, 0.9, 1.1, 1.25}) {
    for (const double hz : {400.0, 1000.0, 2500.0}) {
      FrameRows rows = energies({hz});
      warp(rows, factor);
      EXPECT_NEAR(loudest(rows), loudest(energies({factor * hz})), 1) << factor << " " << hz;
    }
  }
}

TEST(FrequencyWarp, TheTopStaysWhereItIs) {
  const FrequencyWarp warp(kOptions);
  for (const double factor : {0.8, 1.25}) {
    FrameRows rows = energies({7800});
    warp(rows, factor);
    EXPECT_NEAR(loudest(rows), loudest(energies({7800})), 1);
  }
}

TEST(FrequencyWarp, AFactorOf1ChangesNothing) {
  const FrameRows before = energies({300, 2000, 5000});
  FrameRows after = before;
  FrequencyWarp{kOptions}(after, 1);
  for (size_t i = 0; i < before.values.size(); ++i) EXPECT_NEAR(after.values[i], before.values[i], 1e-4);
}

TEST(FrequencyWarp, TakesFewBandsAndNoRows) {
  FrameRows one{.values = {3, 4}, .width = 1}, none{.values = {}, .width = kBands};
  FrequencyWarp({.rate = kRate, .bands = 1})(one, 1.2);
  FrequencyWarp{kOptions}(none, 1.2);
  EXPECT_EQ(one.values, (std::vector<float>{3, 4}));
  EXPECT_TRUE(none.values.empty());
}

}  // namespace
}  // namespace recur
