// The distribution of actions that a policy gives: categorical over choices, or a Gaussian for each of some numbers.
//
// What the policy draws stands for itself, u below. Of choices it is the action. Of numbers, the action is u within
// [-1, 1], by clipping or by tanh, stretched to the limits; a number without both limits is u itself, within the one it
// has. Probabilities are those of u: the ratio of two policies is the same for the action (tanh is one-to-one).
#pragma once

#include <span>

#include "recur/base/random.h"
#include "recur/environments/environment.h"
#include "recur/tasks/act/act_model.h"
#include "recur/tensor/tensor.h"

namespace recur {

// policy [..., P] as ActModel gives it, log_deviation [P] or undefined, u [..., A] (f32 or the policy's dtype) ->
// [...].
Tensor log_probability(const Tensor& policy, const Tensor& log_deviation, const Tensor& u);
// The entropy [...] of the same, in nats; of numbers that of the Gaussian.
Tensor entropy(const Tensor& policy, const Tensor& log_deviation);

// The same of one action, as an agent acts.
struct Decision {
  std::span<const float> policy;         // [P]
  std::span<const float> log_deviation;  // [P], or empty: choices

  bool is_discrete() const { return log_deviation.empty(); }
  // The most probable one, or with random numbers one that is drawn. u: [A].
  void choose(Random* random, std::span<float> u) const;
  double log_probability(std::span<const float> u) const;
};

// The action for u.
void to_action(const ActionSpace& space, bool squashes, std::span<const float> u, std::span<float> action);

}  // namespace recur
