// Sounds as wave files of 16 bits.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace recur {

// The header of a wave file. With `samples`, of all channels, -1 it is one for a sound that is still being made, of
// whatever length: lengths are as large as can be, which players of streams understand.
std::string wave_header(int64_t rate, int64_t samples, int64_t channels = 1);

// Samples as 16-bit little-endian integers; what is beyond [-1, 1] is cut, and what is not finite is 0.
std::string wave_samples(std::span<const float> samples);

// How many of them are at full scale or beyond, where they lose their form.
int64_t count_clipped(std::span<const float> samples);

// A whole file, of samples [T, channels]. Throws Error for more samples than the format can count.
std::string wave_file(std::span<const float> samples, int64_t rate, int64_t channels = 1);

}  // namespace recur
