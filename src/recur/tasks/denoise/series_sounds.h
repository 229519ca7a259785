// Sounds as series.
#pragma once

#include <string>
#include <vector>

#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/output_places.h"
#include "recur/tasks/sink.h"
#include "recur/tasks/trained.h"

namespace recur {

// Whether all files are sounds, or folders or lists of sounds, by their names.
bool are_sounds(const DataFiles& files);

// A sequence for each channel of a sound, called by its file; the name of the one channel of the set says the rate, so
// that a model refuses sounds of another. Sounds of a folder are in the order of their names. Throws Error for what
// cannot be read, and for sounds of several rates.
SequenceSet read_sound_series(const DataFiles& files);

// The paths of the sounds of a set of read_sound_series(files) in their folders.
std::vector<std::string> sound_places(const SequenceSet& set, const DataFiles& files);

// Throws Error where two sounds of the same place have other numbers of channels.
void check_same_channels(const SequenceSet& noisy, const SequenceSet& clean);

// Writes cleaned sounds as wave files to a folder, and a row for each: its file and where it is written.
class SoundWriter {
 public:
  // Of a set of read_sound_series(files), which must outlive this, as `out` must; folder "": rows alone. Sounds of a
  // folder are written into the same folders below. Throws UsageError if a sound would replace a file that is read.
  SoundWriter(const SequenceSet& set, const DataFiles& files, const std::string& folder, Sink& out);

  void write(std::vector<float> samples);  // of the next sequence

 private:
  void write_sound(size_t file);

  const SequenceSet& set_;
  Sink& out_;
  bool writes_;
  OutputPlaces places_;
  size_t next_ = 0;                           // sequence
  std::vector<std::vector<float>> channels_;  // of the sound that is being written
};

}  // namespace recur
