// Averaged stochastic gradient descent: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging"
// (1992).
#pragma once

#include <limits>
#include <vector>

#include "recur/optim/optimizer.h"

namespace recur {

struct AsgdOptions {
  double rate = 1e-2;
  double weight_decay = 0;
  // The parameters are averaged over all steps after this many; by default start_averaging() says when.
  int64_t average_after = std::numeric_limits<int64_t>::max();
};

// w -= rate (g + weight_decay w), as Sgd, while the mean of w over the steps is kept for swap_average().
class Asgd : public Optimizer {
 public:
  Asgd(const Tensors& parameters, const AsgdOptions& options) : Asgd(ParameterGroups{{parameters}}, options) {}
  Asgd(const ParameterGroups& groups, const AsgdOptions& options);

  // From the next step on; does nothing when averaging already.
  void start_averaging();
  bool averaging() const { return average_after_ <= steps(); }

 protected:
  void update(const Run<float>& run) const override { apply(run); }
  void update(const Run<double>& run) const override { apply(run); }
  void finish_step() override;
  Tensor average() override { return averaged_ > 0 ? kept(0) : Tensor(); }

 private:
  template <class T>
  void apply(const Run<T>& run) const;

  int64_t average_after_;
  int64_t averaged_ = 0;  // steps in the mean
};

// When to start averaging, by validation losses: Merity, Keskar and Socher, "Regularizing and optimizing LSTM language
// models" (2018), algorithm 1 (NT-ASGD).
class NonMonotonicTrigger {
 public:
  explicit NonMonotonicTrigger(int interval = 5) : interval_(interval) {}

  // Takes the next validation loss. Returns true once the loss is worse than the best one from more than
  // `interval` losses before, and always from then on.
  bool observe(double loss);
  bool triggered() const { return triggered_; }

  NamedTensors state() const;
  void load_state(const NamedTensors& state);

 private:
  int interval_;
  std::vector<double> history_;
  bool triggered_ = false;
};

}  // namespace recur
