#include "recur/data/audio/wave_writer.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr int64_t kBytes = 2;  // a sample

std::string little_endian(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}

}  // namespace

std::string wave_header(int64_t rate, int64_t samples, int64_t channels) {
  constexpr int64_t kHeader = 36;  // bytes of the file behind the first length, without the samples
  constexpr uint64_t kAll = 0xFFFFFFFF;
  if (rate < 1 || rate > 1 << 20) fail("wave file: expected 1 .. {} samples a second, got {}", 1 << 20, rate);
  constexpr int64_t kMostChannels = 256;
  if (channels < 1 || channels > kMostChannels) {
    fail("wave file: expected 1 .. {} channels, got {}", kMostChannels, channels);
  }
  if (samples > (static_cast<int64_t>(kAll) - kHeader) / kBytes) {
    fail("wave file: {} samples are more than it can hold", samples);
  }
  const uint64_t data = samples < 0 ? kAll : static_cast<uint64_t>(samples * kBytes);
  return "RIFF" + little_endian(samples < 0 ? kAll : data + kHeader, 4) + "WAVEfmt " + little_endian(16, 4) +
         little_endian(1, 2) + little_endian(static_cast<uint64_t>(channels), 2) +
         little_endian(static_cast<uint64_t>(rate), 4) +
         little_endian(static_cast<uint64_t>(rate * channels * kBytes), 4) +
         little_endian(static_cast<uint64_t>(channels * kBytes), 2) + little_endian(8 * kBytes, 2) + "data" +
         little_endian(data, 4);
}

std::string wave_samples(std::span<const float> samples) {
  std::string out;
  out.reserve(samples.size() * kBytes);
  for (const float x : samples) {
    const float sound = std::isfinite(x) ? std::clamp(x, -1.0f, 1.0f) : 0.0f;
    out += little_endian(static_cast<uint16_t>(static_cast<int16_t>(std::lround(sound * 32767))), 2);
  }
  return out;
}

int64_t count_clipped(std::span<const float> samples) {
  return std::ranges::count_if(samples, [](float x) { return std::isfinite(x) && std::abs(x) >= 1; });
}

std::string wave_file(std::span<const float> samples, int64_t rate, int64_t channels) {
  return wave_header(rate, std::ssize(samples), channels) + wave_samples(samples);
}

}  // namespace recur
