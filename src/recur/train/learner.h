// Optimiser, learning rate, clipping and averaging together: the update between the gradient and the next batch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/nn/module.h"
#include "recur/optim/asgd.h"
#include "recur/optim/optimizer.h"
#include "recur/optim/schedule.h"
#include "recur/train/options.h"

namespace recur {

class Learner {
 public:
  // Of the parameters of the module, at the rates that its layers ask for.
  Learner(const Module& module, const LearningOptions& learning, const RateOptions& rate, bool maximize);

  // The objective with the penalties on parameters, to call backward() on.
  Tensor penalized(const Tensor& objective) const;

  // Updates the parameters with the clipped gradients of backward(), then drops the gradients. Returns their norm
  // before clipping; if it is not finite, the parameters are not changed.
  double step(const Progress& progress);
  double rate() const { return optimizer_->rate(); }
  double rate_factor() const { return optimizer_->rate() / base_rate_; }  // what the schedule makes of it

  // Takes the results of a validation: the metric that chooses the model, and the loss. Returns a message, or "".
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
