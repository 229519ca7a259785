// Encodes numeric series for a network: scaled, with missing values marked. It is fitted on the training part of the
// data only, and stored in the model.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/scaler.h"
#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/trained.h"

namespace recur {

class SeriesEncoder {
 public:
  // `train`: the indices of the sequences of the training part, in memory or on disk.
  static SeriesEncoder fit(const SequenceSet& set, std::span<const int64_t> train, ScalerKind scaler);

  // F: the channels C, one more for each channel that had missing values (1 where it is missing, while the channel
  // itself is then 0, its mean), and one for each static column.
  int64_t features() const;
  const std::vector<std::string>& channels() const { return channels_; }  // their names
  const std::vector<std::string>& statics() const { return statics_; }
  // The channels that had missing values, whose marks stand behind the channels.
  const std::vector<int64_t>& gaps() const { return gaps_; }
  const Columns& columns() const { return columns_; }

  // Throws Error when the set has other channels or static columns.
  void check_columns(const SequenceSet& set) const;
  // [T, F] of the first `most_steps` steps of a sequence of the set, 0 for all. Throws Error as check_columns(), and
  // for static values that are not numbers.
  std::vector<float> encode(const SequenceSet& set, const Sequence& which, int64_t most_steps = 0) const;
  // The same of steps in memory, a part of a sequence of a set whose columns were checked.
  std::vector<float> encode_part(const SequenceSet& set, const Sequence& part) const;
  // One step: values [C], NaN where missing -> [F], of a model without static columns whose scaler is a fitted one.
  void encode_step(std::span<const float> values, std::span<float> out) const;

  Description describe() const;
  Assets assets() const;
  explicit SeriesEncoder(const Assets& assets);  // throws Error: they are untrusted input

 private:
  void read_channels(std::string_view text);  // of a model file
  SeriesEncoder() = default;
  std::vector<float> encode_steps(const SequenceSet& set, const Sequence& sequence, int64_t steps) const;
  float* put_step(std::span<const float> values, std::span<const Affine> maps, float* to) const;

  Columns columns_;
  std::vector<std::string> channels_, statics_;
  std::vector<int64_t> gaps_;  // the channels that had missing values
  Scaler scaler_, static_scaler_;
};

}  // namespace recur
