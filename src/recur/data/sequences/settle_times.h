// Sequences whose rows came out of order, or several to one time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_set.h"

namespace recur {

// The one value for several of one channel and time, in the order of the file, NaN aside; NaN of none.
float merge_repeats(Repeats policy, std::span<const float> values);

struct TimeRepairs {
  int64_t sorted = 0;  // rows that stood behind a later one
  int64_t merged = 0;  // rows that went into one of the same time

  TimeRepairs& operator+=(const TimeRepairs& more) {
    sorted += more.sorted;
    merged += more.merged;
    return *this;
  }
};

// What to do about a time that is there twice, in words: without an id, the rows may be of several series.
std::string_view repeats_advice(bool has_id);

// Puts the rows of a sequence in memory in order of time and merges those of one time, as the options say. Throws Error
// naming the sequence and time where the options forbid it.
TimeRepairs settle_times(const SequenceSet& set, Sequence& s, const SequenceOptions& options);

// The same for all sequences, or those that `which` is true for, one at a time where the set is on disk; notes in the
// set how many rows were repaired.
void settle_times(SequenceSet& set, const SequenceOptions& options);
void settle_times(SequenceSet& set, const std::vector<bool>& which, const SequenceOptions& options);

// What add to SequenceSet::notes about the repairs, if any.
void note_repairs(SequenceSet& set, const TimeRepairs& repairs, const SequenceOptions& options);

// A time as its file would show it.
std::string time_text(TimeKind kind, double time, TimeZone zone = {});

}  // namespace recur
