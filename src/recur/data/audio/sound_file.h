// Sound files: wav, flac, ogg and whatever else libsndfile reads, of any sample rate, depth and number of channels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

// One channel.
struct Waveform {
  std::vector<float> samples;  // in [-1, 1] of files of integers; finite
  int64_t rate = 0;            // samples a second
};

struct SoundFile {
  Waveform sound;        // the mean of the channels
  int64_t channels = 1;  // of the file
  int bits = 0;          // of a sample, where the file has integers of fixed size; else 0
};

// Samples of a sound, all channels together counting once: 18 hours at 16 kHz. More is an error.
constexpr int64_t kMostSamples = int64_t{1} << 30;

// All of a sound. Throws Error, naming the file, for what is no sound file or is damaged or cut off, for a sample that
// is not a finite number, for no samples at all, and for more than `most_samples` of them.
SoundFile read_sound(const DataFile& file, int64_t most_samples = kMostSamples);

// The same of a sound of any number of channels: one for each, of equal lengths. More than `most_samples` in all are an
// error.
std::vector<Waveform> read_sound_channels(const DataFile& file, int64_t most_samples = kMostSamples);

// Whether this build can; else reading always throws.
bool can_read_sounds();

// Whether the name of a file says that it is a sound: "a.wav", "b.FLAC".
bool is_sound_name(std::string_view name);
// Whether the first bytes of a file are those of one: of what has no name that says so, such as the standard input.
bool begins_sound(std::string_view head);

}  // namespace recur
