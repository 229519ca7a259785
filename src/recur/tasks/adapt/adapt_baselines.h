// What simple methods achieve on the same problems.
#pragma once

#include <cstdint>

#include "recur/tasks/adapt/adapt_score.h"
#include "recur/tasks/baseline_results.h"

namespace recur {

// Another model to fine-tune on the shots, of learner = pretrained.
struct Pretrained {
  const AdaptModel* model = nullptr;
  const AdaptOptions* options = nullptr;
  double rate = 0.01;
};

// The nearest shot, by the distance of inputs (not of texts); the mean of the shots' targets, of values; the same
// network trained on the shots from scratch, on the first `scratch` problems, since that takes long; and one that was
// pretrained, after as many steps as the learner takes, and after the number of them that is best.
BaselineResults adapt_baselines(const AdaptModel& model, const AdaptOptions& options, const Problems& problems,
                                const Course& course, int64_t scratch, const Pretrained& pretrained);

}  // namespace recur
