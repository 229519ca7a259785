// Tables into sequences: one function a layout. For read_sequences.cc alone.
#pragma once

#include "recur/data/files/data_file.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_set.h"
#include "recur/data/tables/table.h"

namespace recur::internal {

// `options.columns` are complete; `table` is at its first row.
SequenceSet read_long(OpenTable table, const SequenceOptions& options);
SequenceSet read_wide(OpenTable table, const SequenceOptions& options);
SequenceSet read_observations(OpenTable table, const SequenceOptions& options);

}  // namespace recur::internal
