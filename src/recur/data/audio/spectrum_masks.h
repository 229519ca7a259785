// Parts of a spectrogram hidden at random, so that a network does not lean on any one of them.
#pragma once

#include <cstdint>

#include "recur/base/random.h"
#include "recur/data/files/frame_rows.h"

namespace recur {

// SpecAugment without time warping (Park et al. 2019).
struct MaskOptions {
  int64_t feature_masks = 2;   // how many runs of neighbouring features are hidden
  double feature_share = 0.3;  // each of a width drawn from 0 .. this share of all features
  int64_t time_masks = 2;      // and of neighbouring steps
  double time_share = 0.1;     // of the steps
};

// Zeros where something is hidden: the mean, of rows that are normalised. Draws two numbers for each mask.
void hide_parts(FrameRows& rows, const MaskOptions& options, Random& random);

}  // namespace recur
