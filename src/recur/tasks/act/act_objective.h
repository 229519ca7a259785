// What a minibatch of a rollout is to learn: the objective of proximal policy optimisation, or of an actor-critic.
#pragma once

#include "recur/tasks/act/act_model.h"
#include "recur/tasks/act/rollout.h"

namespace recur {

// The policy's output and values for a batch, and the mean over its steps of
//
//   ppo  -min(r A, clip(r, 1 - range, 1 + range) A), r the ratio of the new probability to that of the rollout
//        (Schulman, Wolski, Dhariwal, Radford and Klimov, "Proximal policy optimization algorithms", 2017)
//   a2c  -log p A (Mnih et al., "Asynchronous methods for deep reinforcement learning", 2016)
//
// plus value_weight times half the squared error of the value against the returns (of ppo with value_clip: the larger
// of that and the error of the value held within value_clip of what it was), minus the entropy's weight times entropy.
// advantages: the batch's, or normalised.
Tensor act_objective(const ActModel::Output& out, const Tensor& log_deviation, const PieceBatch& batch,
                     const Tensor& advantages, const ActLearningOptions& options);

}  // namespace recur
