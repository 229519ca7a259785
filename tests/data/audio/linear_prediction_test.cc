#include "recur/data/audio/linear_prediction.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/random.h"
#include "recur/data/audio/mu_law.h"
#include "recur/data/audio/wave_stream.h"
#include "recur/data/audio/wave_writer.h"
#include "tests/data/audio/wave_bytes.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

TEST(LevinsonDurbin, SolvesTheNormalEquations) {
  const std::vector<double> r{2.0, 1.3, 0.4, -0.2, -0.5};
  const std::vector<float> a = levinson_durbin(r);
  ASSERT_EQ(a.size(), 4u);
  for (size_t i = 1; i <= 4; ++i) {
    double sum = 0;
    for (size_t j = 1; j <= 4; ++j) sum += double{a[j - 1]} * r[i > j ? i - j : j - i];
    EXPECT_NEAR(sum, r[i], 1e-5) << i;
  }
  for (const float each : levinson_durbin(std::vector<double>{0, 0, 0})) EXPECT_EQ(each, 0);
}

// Of noise through a resonance most is predicted.
TEST(MelPredictor, PredictsAResonance) {
  Random random(5);
  std::vector<float> x(8000);
  for (size_t t = 2; t < x.size(); ++t) x[t] = 1.6f * x[t - 1] - 0.9f * x[t - 2] + 0.01f * random.normal();
  const MelSpectrum spectrum({.rate = 8000, .bands = 40});
  const MelPredictor predictor(spectrum, 8);
  const std::vector<float> filters = predictor(spectrum(x));
  ASSERT_EQ(std::ssize(filters), spectrum(x).steps() * 8);
  pre_emphasise(x);
  double error = 0, all = 0;
  for (size_t t = 400; t + 400 < x.size(); ++t) {
    const float* filter = filters.data() + static_cast<int64_t>(t) / spectrum.hop() * 8;
    float guess = 0;
    for (size_t k = 0; k < 8; ++k) guess += filter[k] * x[t - 1 - k];
    error += std::pow(double{x[t] - guess}, 2);
    all += std::pow(double{x[t]}, 2);
  }
  EXPECT_LT(error, 0.25 * all);
}

TEST(MuLaw, GoesThereAndBack) {
  for (const float x : {-1.0f, -0.3f, -0.001f, 0.0f, 0.02f, 0.7f, 1.0f}) {
    EXPECT_NEAR(expanded(companded(x)), x, 1e-5);
    for (const int32_t levels : {4, 256, 512}) {
      const int32_t level = mu_law_level(companded(x), levels);
      EXPECT_GE(level, 0);
      EXPECT_LT(level, levels);
      EXPECT_NEAR(place_of_level(level, levels), companded(x), 2.0 / levels + 1e-6);
    }
  }
  EXPECT_EQ(mu_law_level(companded(0), 256), 128);
  EXPECT_EQ(companded(7), 1);
}

TEST(WaveWriter, WritesWhatIsReadBack) {
  const std::vector<float> x = sine(440, 8000, 100);
  const std::string bytes = wave_file(x, 8000);
  WaveStream stream;
  const std::vector<float> back = stream.take(bytes);
  stream.finish();
  EXPECT_EQ(stream.rate(), 8000);
  ASSERT_EQ(back.size(), x.size());
  for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(back[i], x[i], 1e-4);
  EXPECT_EQ(bytes, wave_bytes(x, {.rate = 8000}));
  EXPECT_EQ(wave_file(x, 8000, 2), wave_bytes(x, {.rate = 8000, .channels = 2}));
  // A sound that is still being made.
  WaveStream endless;
  EXPECT_EQ(endless.take(wave_header(8000, -1) + wave_samples(x)).size(), x.size());
  endless.finish();
  EXPECT_EQ(wave_samples(std::vector<float>{2, -2, std::nanf("")}), std::string("\xff\x7f\x01\x80\0\0", 6));
  EXPECT_EQ(count_clipped(std::vector<float>{2, -2, 1, -1, 0.99f, 0, std::nanf("")}), 4);
  EXPECT_ERROR(wave_header(8000, int64_t{1} << 31), "more than it can hold");
}

}  // namespace
}  // namespace recur
