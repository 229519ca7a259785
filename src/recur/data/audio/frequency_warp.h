// Spectrograms as another speaker's vocal tract would have made them.
#pragma once

#include <cstdint>

#include "recur/data/audio/mel_bands.h"
#include "recur/data/files/frame_rows.h"

namespace recur {

// Vocal tract length perturbation (Jaitly and Hinton 2013) of log-mel energies, normalised or not. Frequencies up to
// three fifths of half the sample rate are stretched by a factor, and those above it so that half the sample rate stays
// where it is (Lee and Rose 1998). Between bands values are interpolated. Const: any number of threads may use one.
class FrequencyWarp {
 public:
  explicit FrequencyWarp(const MelBandOptions& options);  // of the energies; throws UsageError for what makes no sense

  // Rows [T, bands]. A factor above 1 moves what is at f to factor * f; in (0, 5 / 3).
  void operator()(FrameRows& rows, double factor) const;

 private:
  int64_t bands_;
  double nyquist_;
  MelScale scale_;
};

}  // namespace recur
