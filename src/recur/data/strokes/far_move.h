// A move of the pen that is too long to be one.
#pragma once

#include <span>

#include "recur/data/strokes/writings.h"

namespace recur {

// Warns of the longest move where it is more than 1000 times as long as the median of those that are not 0: the scale
// of all moves, from which a writer learns, would be that of this one.
void warn_of_far_move(std::span<const Writing> writings);

}  // namespace recur
