// Cleaned series as they came: a table becomes a table, an array an array.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/data/files/number_array.h"
#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/sink.h"
#include "recur/tasks/trained.h"

namespace recur {

// Rows: of a wide table one a series, with its id, labels and statics before its values; else one a step, with id,
// labels, statics, time and label of the step, as far as the data have them, before the channels. Missing values stay
// so, in rows and in arrays of real numbers.
class SeriesWriter {
 public:
  // `files`: those of the set. `arrays`: a folder for .npy files of what came from arrays, "" for none. All three must
  // outlive this. Throws UsageError if an array would replace a file that is read.
  SeriesWriter(const SequenceSet& set, const DataFiles& files, const std::string& arrays, Sink& out);

  // The next sequence of the set: values [T, C] less Channel::offset, NaN where they were missing.
  void write(const std::vector<float>& values);

 private:
  struct Array {
    std::string place;
    std::string bytes;
    ArrayElement element;
    int64_t left = 0;  // elements still to come
  };

  std::vector<std::string> names() const;
  std::vector<TableCell> beginning_of(const Sequence& sequence) const;
  void write_wide(const Sequence& sequence, const std::vector<float>& values);
  void write_steps(const Sequence& sequence, const std::vector<float>& values);
  void add_to_array(const Sequence& sequence, const std::vector<float>& values);
  double value(float kept, size_t channel) const;

  const SequenceSet& set_;
  Sink& out_;
  bool has_ids_, wide_;
  int64_t longest_ = 0, next_ = 0;
  std::vector<Array> arrays_;  // of each file; none without a folder
};

}  // namespace recur
