// What the numbers of strokes are: moves from point to point, or the points.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "recur/data/strokes/writings.h"

namespace recur {

enum class Coordinates { kMoves, kPoints };

// "moves from point to point", "points".
std::string_view text_of(Coordinates kind);

// What the numbers of writings, as they are read, look like; nothing where both are likely. Moves go to and fro, so
// that their sum is small beside the way; points lie on one side of the corner of the page or of the first of them, and
// near their neighbours.
std::optional<Coordinates> guess_coordinates(std::span<const Writing> as_read);

// The moves of writings, as they are read, whose numbers are of this kind; of points the first move is none. Warned of
// are numbers that look like the other kind, and a move that is far longer than the others.
std::vector<Writing> moves_of(std::vector<Writing> as_read, Coordinates kind);

}  // namespace recur
