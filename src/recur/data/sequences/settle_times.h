// Sequences whose rows came out of order, or several to one time.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_set.h"

namespace recur {

// The one value for several of one channel and time, in the order of the file, NaN aside; NaN of none.
float merge_repeats(Repeats policy, std::span<const float> values);

struct TimeRepairs {
  int64_t sorted = 0;  // rows that stood behind a later one
  int64_t merged = 0;  // rows that went into one of the same time
};

// Puts the rows of every sequence in order of time and merges those of one time, as the options say; notes in the set
// how many. Throws Error naming the sequence and time where the options forbid it.
void settle_times(SequenceSet& set, const SequenceOptions& options);

// What add to SequenceSet::notes about the repairs, if any.
void note_repairs(SequenceSet& set, const TimeRepairs& repairs, const SequenceOptions& options);

// A time as its file would show it.
std::string time_text(TimeKind kind, double time);

}  // namespace recur
