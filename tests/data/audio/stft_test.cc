#include "recur/data/audio/stft.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "recur/data/audio/griffin_lim.h"
#include "recur/data/audio/mel_spectrum.h"
#include "tests/data/audio/wave_bytes.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

double mean_square(std::span<const float> x) {
  double sum = 0;
  for (const float each : x) sum += double{each} * double{each};
  return sum / static_cast<double>(x.size());
}

TEST(RealFftInverse, GivesBackWhatWasTransformed) {
  for (const int64_t n : {2, 4, 8, 64, 1024}) {
    Random random(static_cast<uint64_t>(n));
    std::vector<float> x(static_cast<size_t>(n)), spectrum(static_cast<size_t>(n + 2)), power(x.size() / 2 + 1);
    random.normal(x);
    std::vector<float> scratch = x, back(x.size());
    RealFft(n).forward(scratch, spectrum);
    RealFft(n).inverse(spectrum, back);
    for (int64_t i = 0; i < n; ++i) ASSERT_NEAR(back[i], x[i], 1e-5) << n;
    scratch = x;
    RealFft(n).power(scratch, power);
    for (size_t k = 0; k < power.size(); ++k) {
      const double re = spectrum[2 * k], im = spectrum[2 * k + 1];
      EXPECT_NEAR(power[k], re * re + im * im, 1e-4 * static_cast<double>(n));
    }
  }
}

// However hop and window lie to each other, and at both ends.
TEST(Stft, ReconstructsASoundPerfectly) {
  Random random(1);
  for (const auto& [window, hop] : std::vector<std::pair<int64_t, int64_t>>{{400, 100}, {400, 200}, {37, 11}, {2, 1}}) {
    std::vector<float> x(1234);
    random.normal(x);
    const Stft stft(window, hop);
    const std::vector<float> frames = stft(x), back = stft.inverse(frames);
    ASSERT_EQ(std::ssize(frames), stft.frames(1234) * stft.bins() * 2);
    ASSERT_EQ(std::ssize(back), stft.frames(1234) * hop);
    for (size_t i = 0; i < back.size(); ++i) {
      ASSERT_NEAR(back[i], i < x.size() ? x[i] : 0, 2e-4) << window << " " << hop << " " << i;
    }
  }
  EXPECT_ERROR(Stft(100, 51), "half a window");
  EXPECT_ERROR(Stft(100, 0), "half a window");
  EXPECT_TRUE(Stft(100, 25)({}).empty());
}

TEST(Stft, ASineOfAmplitudeOneHasMagnitudeOne) {
  const Stft stft(512, 128);
  const std::vector<float> frames = stft(sine(16000.0 / 512 * 40, 16000, 4096, 1));
  const float* middle = frames.data() + 2 * (16 * stft.bins() + 40);
  EXPECT_NEAR(std::hypot(middle[0], middle[1]) / stft.gain(), 1, 1e-3);
}

TEST(MelSpectrum, FloorsSilenceAndFindsATone) {
  const MelSpectrum spectrum({.rate = 8000, .bands = 40});
  const FrameRows silence = spectrum(std::vector<float>(1000, 0.0f));
  EXPECT_EQ(silence.steps(), 10);
  for (const float each : silence.values) EXPECT_NEAR(each, std::log(1e-4f), 1e-5);
  const FrameRows tone = spectrum(sine(1000, 8000, 2000));
  const auto* row = tone.values.data() + 10 * 40;
  const auto loudest = std::max_element(row, row + 40) - row;
  const double step = 1127 * std::log(1 + 4000.0 / 700) / 41;
  EXPECT_NEAR(static_cast<double>(loudest), 1127 * std::log(1 + 1000.0 / 700) / step - 1, 1);
  EXPECT_THROW(MelSpectrum({.window_ms = 10, .hop_ms = 6}), UsageError);
  EXPECT_THROW(MelSpectrum({.rate = 8000, .bands = 400}), UsageError);
}

// The bands of the magnitudes that are found are those of the frames.
TEST(MelSpectrum, IsInvertedToMagnitudesWithItsBands) {
  const MelSpectrum spectrum({.rate = 8000, .bands = 30});
  std::vector<float> x = sine(700, 8000, 1600), other = sine(2300, 8000, 1600, 0.1);
  Random random(3);
  for (size_t i = 0; i < x.size(); ++i) x[i] += other[i] + 0.01f * random.normal();
  const FrameRows frames = spectrum(x);
  const std::vector<float> few = spectrum.magnitudes(frames, 2), many = spectrum.magnitudes(frames, 60);
  const std::vector<MelBand> bands = mel_bands({.rate = 8000, .transform = spectrum.stft().transform(), .bands = 30});
  const auto off = [&](const std::vector<float>& magnitudes) {
    double sum = 0;
    for (int64_t t = 0; t < frames.steps(); ++t) {
      for (size_t b = 0; b < bands.size(); ++b) {
        double got = 0;
        for (size_t k = 0; k < bands[b].weights.size(); ++k) {
          got += double{bands[b].weights[k]} *
                 magnitudes[static_cast<size_t>(t * spectrum.stft().bins() + bands[b].first) + k];
        }
        const double wanted = std::exp(frames.values[static_cast<size_t>(t) * 30 + b]);
        sum += std::abs(got / spectrum.stft().gain() - wanted);
      }
    }
    return sum;
  };
  EXPECT_LT(off(many), 0.3 * off(few));
}

TEST(GriffinLim, ComesNearerWithEveryStepAndToTheSound) {
  const Stft stft(256, 64);
  std::vector<float> x;
  for (const double hz : {300.0, 500.0, 900.0}) {
    const auto part = sine(hz, 8000, 1200);
    x.insert(x.end(), part.begin(), part.end());
  }
  const std::vector<float> frames = stft(x);
  std::vector<float> magnitudes(frames.size() / 2);
  for (size_t i = 0; i < magnitudes.size(); ++i) magnitudes[i] = std::hypot(frames[2 * i], frames[2 * i + 1]);
  const auto after = [&](int64_t steps, double momentum) {
    Random random(7);
    const std::vector<float> made = griffin_lim(stft, magnitudes, {.steps = steps, .momentum = momentum}, random);
    EXPECT_EQ(std::ssize(made), stft.frames(std::ssize(x)) * 64);
    return spectral_convergence(stft, magnitudes, made);
  };
  // The algorithm of 1984 never goes back.
  double before = after(0, 0);
  for (const int64_t steps : {1, 2, 4, 8, 16, 32}) {
    const double now = after(steps, 0);
    EXPECT_LT(now, before + 1e-6) << steps;
    before = now;
  }
  EXPECT_LT(after(60, 0.99), before);
  EXPECT_LT(after(60, 0.99), 0.15);
  Random random(7);
  const std::vector<float> made = griffin_lim(stft, magnitudes, {}, random);
  EXPECT_NEAR(mean_square(made), mean_square(x), 0.1 * mean_square(x));
}

}  // namespace
}  // namespace recur
