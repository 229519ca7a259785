#include "recur/data/audio/griffin_lim.h"

#include <cmath>
#include <numbers>

#include "recur/base/stop.h"

namespace recur {
namespace {

// The wanted magnitudes under the phases of `from`.
void take_phases(std::span<const float> magnitudes, const std::vector<float>& from, std::vector<float>& to) {
  for (size_t i = 0; i < magnitudes.size(); ++i) {
    const float re = from[2 * i], im = from[2 * i + 1], size = std::sqrt(re * re + im * im);
    constexpr float kTiny = 1e-20f;
    to[2 * i] = size > kTiny ? magnitudes[i] * re / size : magnitudes[i];
    to[2 * i + 1] = size > kTiny ? magnitudes[i] * im / size : 0;
  }
}

}  // namespace

std::vector<float> griffin_lim(const Stft& stft, std::span<const float> magnitudes, const GriffinLimOptions& options,
                               Random& random) {
  std::vector<float> spectrum(2 * magnitudes.size());
  for (size_t i = 0; i < magnitudes.size(); ++i) {
    const float turn = 2 * std::numbers::pi_v<float> * random.uniform();
    spectrum[2 * i] = magnitudes[i] * std::cos(turn);
    spectrum[2 * i + 1] = magnitudes[i] * std::sin(turn);
  }
  std::vector<float> before(spectrum.size(), 0);
  const auto momentum = static_cast<float>(options.momentum);
  for (int64_t step = 0; step < options.steps; ++step) {
    check_stop();
    std::vector<float> now = stft(stft.inverse(spectrum));
    for (size_t i = 0; i < now.size(); ++i) {
      const float had = before[i];
      before[i] = now[i];
      if (step > 0) now[i] += momentum * (now[i] - had);
    }
    take_phases(magnitudes, now, spectrum);
  }
  return stft.inverse(spectrum);
}

double spectral_convergence(const Stft& stft, std::span<const float> magnitudes, std::span<const float> sound) {
  const std::vector<float> spectrum = stft(sound);
  double missed = 0, all = 0;
  for (size_t i = 0; i < magnitudes.size(); ++i) {
    const double wanted = magnitudes[i];
    const double got = std::hypot(double{spectrum[2 * i]}, double{spectrum[2 * i + 1]});
    missed += (got - wanted) * (got - wanted);
    all += wanted * wanted;
  }
  return all > 0 ? std::sqrt(missed / all) : 0;
}

}  // namespace recur
