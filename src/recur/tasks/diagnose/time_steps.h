// Irregularly timed measurements in equal time steps.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/diagnose/diagnose_options.h"

namespace recur {

// GridOptions::step in the unit of the set's times: seconds of dates.
double step_length(const SequenceSet& set, const GridOptions& options);

// The values of a record by steps, [T, C] row-major, NaN where a step has no measurement of a channel. A step holds
// times from its begin to just before the next's. A record without measurements is one step without any. Throws Error
// for times before the origin, and for a record of more than 2^16 steps that is not truncated. A record on disk is read
// in parts.
std::vector<float> in_steps(const SequenceSet& set, const Sequence& record, const GridOptions& options);

// Throws Error when the records with the indices `which` would take more than 2^30 values and more than 16 for each
// value they have: the step is far too short for their times.
void check_room(const SequenceSet& set, std::span<const int64_t> which, const GridOptions& options);

// Where the steps of a record begin, in the unit of the set's times.
double first_time(const SequenceSet& set, const Sequence& record, const GridOptions& options);

}  // namespace recur
