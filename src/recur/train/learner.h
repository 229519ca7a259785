// Optimiser, learning rate, clipping and averaging together: what happens between a gradient and the next batch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/optim/asgd.h"
#include "recur/optim/optimizer.h"
#include "recur/optim/schedule.h"
#include "recur/train/options.h"

namespace recur {

class Learner {
 public:
  Learner(const NamedTensors& parameters, const LearningOptions& learning, const RateOptions& rate, bool maximize);

  // What backward() is to start from: the objective with the penalties on parameters.
  Tensor penalized(const Tensor& objective) const;

  // Takes the gradients that backward() has left, clipped, and drops them. Returns their norm before clipping; when it
  // is not finite the parameters stay as they are.
  double step(const Progress& progress);
  double rate() const { return optimizer_->rate(); }

  // After a validation: the metric that chooses, and the loss. Returns what there is to say about it, or "".
  std::string observe(double metric, double loss);

  Optimizer& optimizer() { return *optimizer_; }

  // Parts by prefix: "optimizer.", "schedule.", "trigger.".
  NamedTensors state() const;
  void load_state(const NamedTensors& state);

 private:
  double update();

  LearningOptions options_;
  double base_rate_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<Schedule> schedule_;
  NonMonotonicTrigger trigger_;
};

}  // namespace recur
