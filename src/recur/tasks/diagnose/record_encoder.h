// Encodes records for a network: in equal time steps, standardised around the normal value of each channel. It is
// fitted on the training part of the data only, and stored in the model.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/scaler.h"
#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/diagnose/diagnose_options.h"
#include "recur/tasks/diagnose/gridded_records.h"
#include "recur/tasks/trained.h"

namespace recur {

struct EncodedRecord {
  std::vector<float> values;   // [T, C], 0 normal, NaN missing
  std::vector<float> statics;  // [S], 0 where missing
  int64_t steps = 0;           // T, at least 1
};

class RecordEncoder {
 public:
  // `train`: the indices of the records of the training part. Throws Error when a table of normal values cannot be
  // read.
  static RecordEncoder fit(const SequenceSet& set, std::span<const int64_t> train, const DiagnoseDataOptions& options);
  // The same of records of the set that were put into steps before, and of which one has a value.
  static RecordEncoder fit(const SequenceSet& set, const GriddedRecords& train, const DiagnoseDataOptions& options);

  int64_t channels() const { return std::ssize(channels_); }  // C
  int64_t statics() const { return std::ssize(statics_); }    // S
  const std::vector<std::string>& names() const { return channels_; }
  const std::vector<std::string>& static_names() const { return statics_; }
  const Columns& columns() const { return columns_; }
  // The mean of FilledRecord::elapsed in the training part, of each channel.
  const std::vector<float>& usual_elapsed() const { return usual_elapsed_; }

  const GridOptions& grid() const { return grid_; }

  // Throws Error when the set has other channels or static columns.
  void check_columns(const SequenceSet& set) const;
  // Throws Error as check_columns(), and for static values that are not numbers.
  EncodedRecord encode(const SequenceSet& set, const Sequence& record) const;
  // Of its values in equal steps [T, C] and its statics [S], NaN where missing.
  EncodedRecord encode(std::span<const float> values, std::span<const float> statics) const;

  Description describe() const;
  Assets assets() const;
  RecordEncoder(const Assets& assets, const DiagnoseDataOptions& options);  // throws Error: they are untrusted input

 private:
  void read_channels(std::string_view text);  // of a model file
  explicit RecordEncoder(const DiagnoseDataOptions& options) : grid_(options.grid), clip_(options.clip) {}
  void fit_channels(const PartSource& values);
  void take_normal_values(const std::string& path);
  void fit_elapsed(const PartSource& values);
  float scaled(float value, const Affine& map) const;

  GridOptions grid_;
  double clip_;
  Columns columns_;
  std::vector<std::string> channels_, statics_;  // their names
  std::vector<Affine> maps_, static_maps_;
  std::vector<float> usual_elapsed_;
};

}  // namespace recur
