#include "recur/tasks/act/act_objective.h"

#include "recur/ops/binary.h"
#include "recur/ops/select.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"
#include "recur/tasks/act/action_distribution.h"

namespace recur {
namespace {

Tensor policy_terms(const Tensor& log_p, const PieceBatch& batch, const Tensor& advantages,
                    const ActLearningOptions& options) {
  if (options.algorithm == "a2c") return -log_p * advantages;
  // Padding has ratio exp(log_p - 0) with advantage 0, and is masked: the ratio is held within what exp can take.
  constexpr double kMostLog = 20;
  const Tensor ratio = exp(clamp(log_p - batch.log_probabilities, -kMostLog, kMostLog));
  const double range = options.clip_range;
  return -minimum(ratio * advantages, clamp(ratio, 1 - range, 1 + range) * advantages);
}

Tensor value_terms(const Tensor& values, const PieceBatch& batch, const ActLearningOptions& options) {
  const Tensor plain = square(values - batch.returns);
  if (options.value_clip == 0 || options.algorithm == "a2c") return plain * 0.5;
  const Tensor held = batch.values + clamp(values - batch.values, -options.value_clip, options.value_clip);
  return maximum(plain, square(held - batch.returns)) * 0.5;
}

}  // namespace

Tensor act_objective(const ActModel::Output& out, const Tensor& log_deviation, const PieceBatch& batch,
                     const Tensor& advantages, const ActLearningOptions& options) {
  const Tensor log_p = log_probability(out.policy, log_deviation, batch.drawn);
  Tensor terms = policy_terms(log_p, batch, advantages, options);
  terms = terms + value_terms(out.values, batch, options) * options.value_weight;
  if (*options.entropy > 0) terms = terms - entropy(out.policy, log_deviation) * *options.entropy;
  return sum(terms * batch.mask) / static_cast<double>(batch.steps);
}

}  // namespace recur
