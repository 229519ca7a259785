#include "recur/data/audio/resample.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "tests/data/audio/wave_bytes.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

// Away from the ends, beyond which are zeros.
double largest_difference(const std::vector<float>& a, const std::vector<float>& b, size_t margin = 200) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (size_t i = margin; i + margin < a.size(); ++i) most = std::max<double>(most, std::abs(a[i] - b[i]));
  return most;
}

TEST(Resample, ASineIsTheSameSineAtTheOtherRate) {
  for (const auto& [from, to] :
       {std::pair{16000, 8000}, {8000, 16000}, {44100, 16000}, {96000, 16000}, {11025, 8000}}) {
    for (const double hz : {50.0, 1000.0, 3300.0}) {
      const auto made = Resampler(from, to)(sine(hz, from, from / 4));
      const auto want = sine(hz, to, static_cast<int>(made.size()));
      EXPECT_LT(largest_difference(made, want), 1e-4) << from << " to " << to << " at " << hz;
    }
  }
}

TEST(Resample, WhatTheLowerRateCannotHoldIsTakenOut) {
  for (const double hz : {4300.0, 6000.0, 7900.0}) {
    const auto made = Resampler(16000, 8000)(sine(hz, 16000, 8000));
    EXPECT_LT(largest_difference(made, std::vector<float>(made.size(), 0)), 1e-3) << hz;
  }
}

TEST(Resample, LengthsAndConstantsStay) {
  const Resampler half(2, 1);
  EXPECT_EQ(half(std::vector<float>(7, 1)).size(), 4u);
  EXPECT_EQ(half.length(7), 4);
  EXPECT_EQ(half({}).size(), 0u);
  const auto flat = Resampler(44100, 48000)(std::vector<float>(2000, 0.25f));
  EXPECT_LT(largest_difference(flat, std::vector<float>(flat.size(), 0.25f)), 1e-6);
  const std::vector<float> same = sine(5, 100, 30);
  EXPECT_EQ(Resampler(8000, 8000)(same), same);
  EXPECT_ERROR(Resampler(0, 5), "expected rates");
}

TEST(Resample, SpeedMovesLengthAndPitch) {
  const auto fast = at_speed(sine(1000, 16000, 8000), 1.25);
  EXPECT_LT(largest_difference(fast, sine(1250, 16000, 6400)), 1e-4);
  const auto slow = at_speed(sine(1000, 16000, 8000), 0.9);
  EXPECT_LT(largest_difference(slow, sine(900, 16000, 8889)), 1e-4);
  EXPECT_ERROR(at_speed({}, 3), "expected factors of 0.5 .. 2, got 3");
}

// To the bit, however the sound is cut.
TEST(ResampleStream, IsTheWhole) {
  Random random(4);
  std::vector<float> sound(3000);
  for (float& x : sound) x = random.normal();
  for (const auto& [from, to] : {std::pair{16000, 8000}, {8000, 16000}, {44100, 16000}, {8000, 8000}}) {
    const std::vector<float> whole = Resampler(from, to)(sound);
    for (const size_t piece : {1, 7, 500, 3000}) {
      ResampleStream stream(from, to);
      std::vector<float> made;
      for (size_t at = 0; at < sound.size(); at += piece) {
        const auto part = stream.take(std::span(sound).subspan(at, std::min(piece, sound.size() - at)));
        made.insert(made.end(), part.begin(), part.end());
      }
      const auto rest = stream.finish();
      made.insert(made.end(), rest.begin(), rest.end());
      EXPECT_EQ(made, whole) << from << " to " << to << " by " << piece;
    }
  }
}

}  // namespace
}  // namespace recur
