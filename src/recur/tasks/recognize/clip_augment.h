// Random changes of clips that leave what happens in them as it is.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/clip_shape.h"
#include "recur/tasks/recognize/recognize_options.h"

namespace recur {

// Values [T, numbers of a frame] as the data have them, and, where frames have labels, these [T].
struct RawClip {
  std::vector<float> values;
  std::vector<int32_t> labels = {};
  int64_t steps = 0;
};

// The frames at the places `at` [T'], 0 .. T - 1: between two on the straight line, labels of the nearer one.
RawClip frames_at(const RawClip& clip, std::span<const double> at, int64_t numbers);

// Those of the kinds of `options`, each with probability 1/2, that change frames as the data have them: crop, warp,
// rotate, mirror, shift, turn, light, drop, and of skeletons and pictures scale and jitter. Joints without gaps.
// `mirrored`: the pairs of joints that a mirror exchanges.
void change_clip(RawClip& clip, const ClipShape& shape, const ClipAugmentOptions& options,
                 const std::vector<std::pair<int64_t, int64_t>>& mirrored, Random& random);

// Of sensors, once their channels are scaled: scale and jitter. values [T, F], of which the first `channels`.
void change_scaled(std::span<float> values, int64_t features, int64_t channels, const ClipAugmentOptions& options,
                   Random& random);

}  // namespace recur
