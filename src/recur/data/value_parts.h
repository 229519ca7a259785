// The values of sequences, for what is fitted on them.
#pragma once

#include <cstdint>
#include <span>

#include "recur/data/quartiles.h"
#include "recur/data/sequences/sequence_set.h"

namespace recur {

// The values of the sequences `which`, in that order: each whole where it is in memory, in parts where it is on disk.
// Both must outlive the source.
PartSource value_parts(const SequenceSet& set, std::span<const int64_t> which);

}  // namespace recur
