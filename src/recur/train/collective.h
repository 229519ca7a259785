// Data-parallel training: processes that train one model together, each on its share of every batch (data/shard.h).
#pragma once

#include "recur/data/shard.h"
#include "recur/tensor/tensor.h"

namespace recur {

// The communication between backward and step. All ranks make the same calls in the same order. This base class is that
// of a single process.
class Collective {
 public:
  virtual ~Collective() = default;

  virtual Shard shard() const { return {}; }

  // Replaces the gradient of each parameter by the mean over all ranks, each with its `weight` (TrainingStep::weight).
  // At least one weight is not 0.
  virtual void reduce(const Tensors& /*parameters*/, double /*weight*/) {}

  // The value of rank 0, for decisions that must be the same on all ranks: the share of time used, whether to stop.
  virtual double of_first(double value) { return value; }
};

}  // namespace recur
