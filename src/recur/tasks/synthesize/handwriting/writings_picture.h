// A picture of handwriting.
#pragma once

#include <span>
#include <string>

#include "recur/data/strokes/writings.h"

namespace recur {

// Each with its name above, one below the other, as SVG.
std::string writings_svg(std::span<const Writing> writings);

}  // namespace recur
