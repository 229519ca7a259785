// Files that bring their own structure into sequences: one function a format. For read_sequences.cc alone.
#pragma once

#include "recur/data/files/data_file.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_set.h"

namespace recur::internal {

// JSON lines with an object a sequence: arrays are channels, times or step labels, scalars ids, labels or statics.
SequenceSet read_json_sequences(const DataFile& file, const SequenceOptions& options);
bool has_json_arrays(const DataFile& file);  // in its first object

// UCR/UEA archive (sktime's .ts): "@" header lines, then a case a line, dimensions between colons, the label last.
SequenceSet read_ts(const DataFile& file, const SequenceOptions& options);

// Monash archive (.tsf): "@" header lines, then a series a line, attributes between colons, the values last.
SequenceSet read_tsf(const DataFile& file, const SequenceOptions& options);

// An array [N, T, C], [N, T] of one channel, or [T] of one sequence; with Layout::kLong, [T, C] of one sequence. Of an
// .npz the array called x (X, data, values, ...), and labels from y (labels, ...) [N] if it has one.
SequenceSet read_array(const DataFile& file, const SequenceOptions& options);

}  // namespace recur::internal
