// Blind spots: pixels whose values are hidden from a network, which has to guess them from those around. Where the
// noise of a pixel says nothing about that of the others and is zero in the mean, the best guess is the clean value, so
// that a denoiser learns from noisy pictures alone: Krull, Buchholz and Jug, "Noise2Void - learning denoising from
// single noisy images" (2019).
#pragma once

#include "recur/base/random.h"
#include "recur/tasks/denoise/noisy_piece.h"

namespace recur {

// Hides a pixel of each square of 4 x 4 pixels, or of each 16 pixels of a single row, in all channels: these have a
// weight. The paper hides one of 64, from which small patches learn more slowly. In its place stands one of the pixels
// within 5 x 5 around it that are not hidden themselves, so that no hidden value is left anywhere. Missing values (NaN)
// are bridged after that and have no weight. A picture of one pixel has no other: nothing of it is hidden.
NoisyPiece blind_piece(const Planes& from, Random& random);

}  // namespace recur
