// Labels and static covariates that stand in a table of their own.
#pragma once

#include <string>
#include <vector>

#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_set.h"

namespace recur {

// The columns of options.columns that the side table has, so that the files of the sequences need not.
struct SideColumns {
  std::vector<std::string> labels, statics;
};
SideColumns find_side_columns(const SequenceOptions& options);

// Gives every sequence its labels and static covariates. Rows belong to sequences by id: the column called like that of
// the sequences, or else the first. When the sequences have no ids of their own, by the name of the file where each has
// one and a column names it; else by position, which is noted. Throws UsageError for files out of their natural order.
// Without declared labels, a column called label or class is taken; an array (IDX, .npy) of numbers is a column of
// labels. Rows without a sequence are noted. Throws Error for a sequence without a row, unless no labels are needed.
void join_side_table(SequenceSet& set, const SideColumns& columns, const SequenceOptions& options);

}  // namespace recur
