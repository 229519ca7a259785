#include "recur/data/audio/spectrum_masks.h"

#include <algorithm>

namespace recur {
namespace {

struct Run {
  int64_t begin, end;
};

// A run of at most share * size places.
Run drawn_run(int64_t size, double share, Random& random) {
  const auto most = static_cast<int64_t>(share * static_cast<double>(size));
  const auto width = static_cast<int64_t>(random.below(static_cast<uint64_t>(std::min(most, size)) + 1));
  const auto begin = static_cast<int64_t>(random.below(static_cast<uint64_t>(size - width) + 1));
  return {begin, begin + width};
}

}  // namespace

void hide_parts(FrameRows& rows, const MaskOptions& options, Random& random) {
  const int64_t steps = rows.steps(), width = rows.width;
  for (int64_t k = 0; k < options.feature_masks; ++k) {
    const Run run = drawn_run(width, options.feature_share, random);
    for (int64_t t = 0; t < steps; ++t) {
      std::fill(rows.values.begin() + t * width + run.begin, rows.values.begin() + t * width + run.end, 0.0f);
    }
  }
  for (int64_t k = 0; k < options.time_masks; ++k) {
    const Run run = drawn_run(steps, options.time_share, random);
    std::fill(rows.values.begin() + run.begin * width, rows.values.begin() + run.end * width, 0.0f);
  }
}

}  // namespace recur
