// What there is in a list or folder of sounds: rates, lengths, silence, and what is wrong with them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "recur/data/audio/transcripts.h"

namespace recur {

struct SoundSurvey {
  int64_t sounds = 0;                                // that can be read
  std::map<int64_t, int64_t> rates, channels, bits;  // how many sounds have so many; bits 0: no integers of fixed size
  std::vector<double> lengths;                       // in seconds, sorted
  double seconds = 0;                                // of all
  // Pieces of 20 ms are silent where they are 40 dB below the loudest piece of their sound, or have nothing at all.
  double silent_seconds = 0, silent_ends = 0;  // anywhere; before the first and behind the last other piece
  std::vector<std::string> silent, clipped;    // names of sounds with nothing in them; with 10 full samples or more
  std::vector<std::string> faults;             // of those that cannot be read, why
  int64_t texts = 0, words = 0, characters = 0;
  int64_t speakers = 0;                                   // different ones
  std::map<std::string, int64_t, std::less<>> letters;    // code points of the texts, how often each
  std::map<std::string, std::vector<std::string>> twice;  // names of sounds by their path, where it is there again
};

// Reads all sounds, by several threads; the same for any number of them.
SoundSurvey survey_sounds(const Transcripts& list);

// Whether data are sounds by their names: a sound, a folder that has one, or a list whose first rows name some.
bool looks_like_sounds(const DataFile& file);

}  // namespace recur
