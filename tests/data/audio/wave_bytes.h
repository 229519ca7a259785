// Wave files made by hand, for tests: what a reader gets is known to the bit.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <string>
#include <vector>

namespace recur::testing {

inline std::string little_bytes(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}

struct WaveHeader {
  int rate = 16000, channels = 1, bits = 16;
  bool floats = false;
};

// A wave file of these bytes of samples.
inline std::string wave_of_bytes(const std::string& samples, const WaveHeader& header) {
  const int frame = header.channels * header.bits / 8;
  const std::string format = little_bytes(header.floats ? 3 : 1, 2) + little_bytes(header.channels, 2) +
                             little_bytes(header.rate, 4) +
                             little_bytes(static_cast<uint64_t>(header.rate) * frame, 4) + little_bytes(frame, 2) +
                             little_bytes(header.bits, 2);
  return "RIFF" + little_bytes(36 + samples.size(), 4) + "WAVEfmt " + little_bytes(16, 4) + format + "data" +
         little_bytes(samples.size(), 4) + samples;
}

// Of samples in [-1, 1], the channels of each step together, rounded to 16 bits or stored as f32.
inline std::string wave_bytes(std::span<const float> samples, WaveHeader header = {}) {
  std::string bytes;
  for (const float x : samples) {
    if (header.floats) {
      const auto* raw = reinterpret_cast<const char*>(&x);
      bytes.append(raw, sizeof(x));
    } else if (header.bits == 8) {
      bytes += static_cast<char>(static_cast<uint8_t>(std::lround(x * 127) + 128));
    } else {
      bytes += little_bytes(static_cast<uint16_t>(static_cast<int16_t>(std::lround(x * 32767))), 2);
    }
  }
  if (header.floats) header.bits = 32;
  return wave_of_bytes(bytes, header);
}

inline std::vector<float> sine(double hz, int rate, int samples, double amplitude = 0.5) {
  std::vector<float> out;
  for (int i = 0; i < samples; ++i) {
    out.push_back(static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * hz * i / rate)));
  }
  return out;
}

}  // namespace recur::testing
