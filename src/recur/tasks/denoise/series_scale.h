// Series as the networks of denoising read them: pictures of one row, whose values are in units of the standard
// deviation that their channel has in the training data, from its mean.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/data/scaler.h"
#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/denoise/denoise_options.h"
#include "recur/tasks/denoise/noisy_piece.h"
#include "recur/tasks/trained.h"

namespace recur {

// Sounds (series_sounds.h), or tables and arrays by the options, or as the columns of a model say. Throws Error for a
// series without steps.
SequenceSet read_series(const DataFiles& files, const DenoiseOptions& options, const Columns* columns);

class SeriesScale {
 public:
  // Of training data; a channel that is constant keeps its unit. Throws Error where there are no values.
  static SeriesScale fit(const SequenceSet& set);
  explicit SeriesScale(const Assets& assets);  // throws Error: they are untrusted input
  Assets assets() const;

  int64_t channels() const { return std::ssize(names_); }  // C
  const Columns& columns() const { return columns_; }
  void check_channels(const SequenceSet& set) const;  // throws Error when they are others

  // The steps [begin, end) of a sequence, or all of them; [C, 1, T], NaN where a value is missing.
  Planes planes_of(const SequenceSet& set, const Sequence& sequence, int64_t begin, int64_t end) const;
  Planes planes_of(const SequenceSet& set, const Sequence& sequence) const;
  PlaneSource source_of(std::shared_ptr<const SequenceSet> set) const;
  // A value of a channel in the unit of the data, less Channel::offset.
  float value(float scaled, int64_t channel) const { return maps_[static_cast<size_t>(channel)].invert(scaled); }
  float unit(int64_t channel) const { return maps_[static_cast<size_t>(channel)].scale; }

  // Adds noise to each channel by itself, impulses being the least and the greatest value in training.
  NoiseMaker noise_of(const DenoiseNoiseOptions& options) const;

 private:
  SeriesScale() = default;
  void read_channels(std::string_view text);

  Columns columns_;
  std::vector<std::string> names_;
  Scaler scaler_;
  std::vector<Affine> maps_;             // of the scaler
  std::vector<float> least_, greatest_;  // of each channel, scaled
};

}  // namespace recur
