// Spectra, mel bands and prediction against PyTorch and SciPy.
#include <gtest/gtest.h>

#include "recur/data/audio/linear_prediction.h"
#include "recur/data/audio/mel_spectrum.h"
#include "recur/data/audio/stft.h"
#include "tests/support/golden.h"

namespace recur {
namespace {

using testing::Golden;

TEST(SpeechGolden, SpectraAreTorchs) {
  const Golden golden("speech_stft");
  const int64_t rate = golden.integer("rate"), window = golden.integer("window"), hop = golden.integer("hop");
  const Tensor x = golden["input.x"], spectrum = golden["output.spectrum"], mel = golden["output.mel"];
  const std::vector<float> own = Stft(window, hop)(x.values<float>());
  ASSERT_EQ(std::ssize(own), spectrum.numel());
  for (size_t i = 0; i < own.size(); ++i) ASSERT_NEAR(own[i], spectrum.values<float>()[i], 1e-4) << i;
  const double ms = 1000.0 / static_cast<double>(rate);
  const MelSpectrum bands({.rate = rate,
                           .window_ms = ms * static_cast<double>(window),
                           .hop_ms = ms * static_cast<double>(hop),
                           .bands = golden.integer("bands")});
  const FrameRows rows = bands(x.values<float>());
  ASSERT_EQ(std::ssize(rows.values), mel.numel());
  for (size_t i = 0; i < rows.values.size(); ++i) ASSERT_NEAR(rows.values[i], mel.values<float>()[i], 1e-4) << i;
}

TEST(SpeechGolden, PredictionIsScipys) {
  const Golden golden("speech_prediction");
  const Tensor r = golden["input.r"], a = golden["output.a"];
  const std::vector<float> own = levinson_durbin(r.values<double>());
  ASSERT_EQ(std::ssize(own), a.numel());
  for (size_t i = 0; i < own.size(); ++i) EXPECT_NEAR(own[i], a.values<double>()[i], 1e-6);
}

}  // namespace
}  // namespace recur
