// Processes that train one model together, each on its share of every batch (data/shard.h).
#pragma once

#include "recur/data/shard.h"
#include "recur/tensor/tensor.h"

namespace recur {

// What the training loop asks of the others between backward and step. All ranks make the same calls in the same order.
// This one is of a process alone.
class Collective {
 public:
  virtual ~Collective() = default;

  virtual Shard shard() const { return {}; }

  // Replaces the gradient of each parameter by the mean over all ranks, each with its `weight` (TrainingStep::weight).
  // Some weight is not 0.
  virtual void reduce(const Tensors& /*parameters*/, double /*weight*/) {}

  // The value of rank 0, for what must be decided alike: how much of the time is used, whether to stop.
  virtual double of_first(double value) { return value; }
};

}  // namespace recur
