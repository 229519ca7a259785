// Skeletons as a network reads them: gaps filled, seen from the body itself, with velocities and distances.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/clip_shape.h"
#include "recur/tasks/recognize/recognize_options.h"

namespace recur {

// Values [T, J, D].

// Gives joints that were not seen, NaN or all exactly 0 (`zero_is_missing`, but for joints that are 0 in every frame,
// such as a root), the place that they had in the frame before; before they are first seen, the place where that is; of
// a joint that never is, the mean of the others. Returns how many were filled.
int64_t fill_joints(std::span<float> values, const ClipShape& shape, bool zero_is_missing);

// F: of each joint, one after the other, its position [D] and velocity [D], as far as the options have them; then the
// distances of all pairs [J (J - 1) / 2].
int64_t skeleton_features(const ClipShape& shape, const RecognizeDataOptions& options);
// Of a joint alone.
int64_t joint_features(const ClipShape& shape, const RecognizeDataOptions& options);
// 0: a position, 1: a velocity, 2: a distance.
int feature_group(int64_t feature, const ClipShape& shape, const RecognizeDataOptions& options);

// Frame by frame: what a frame becomes depends on it and on those before alone.
class SkeletonReader {
 public:
  // `size`: by which all lengths are divided.
  SkeletonReader(const ClipShape& shape, const RecognizeDataOptions& options, float size = 1)
      : shape_(shape), options_(options), size_(size) {}

  // frame [J, D] without gaps, out [F].
  void next(std::span<const float> frame, std::span<float> out);

 private:
  ClipShape shape_;
  const RecognizeDataOptions& options_;
  float size_;
  std::vector<float> before_, origin_;  // the frame before, and what positions are seen from; empty: none yet
};

// The mean distance of joints from the root over all frames, 1 where it is 0.
float body_size(std::span<const float> values, const ClipShape& shape, int64_t root);

// Pairs "5-6" as places from 0. Throws UsageError for others and for joints that there are not.
std::vector<std::pair<int64_t, int64_t>> joint_pairs(const std::vector<std::string>& pairs, int64_t joints);

// Parts "1-2-3" as joints from 0, or the usual ones of a skeleton of so many joints. Throws UsageError where there are
// none, and for joints that are in none or in several.
std::vector<std::vector<int64_t>> body_parts(const std::vector<std::string>& parts, int64_t joints);

}  // namespace recur
