// Progress reports of a training run.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "recur/tasks/training.h"

namespace recur {

// After every step.
struct StepReport {
  int64_t step = 0;                 // taken so far
  double epoch = 0;                 // passes over the data, with a fraction
  double loss = 0;                  // mean over about the last hundred steps
  double rate = 0;                  // learning rate of the step
  double gradient_norm = 0;         // before clipping
  double examples_per_second = 0;   // over about the last seconds
  double elapsed = 0;               // seconds of training, including those before the run was resumed
  double progress = 0;              // of the budget of epochs, steps or time, in [0, 1]
  std::optional<double> remaining;  // estimated seconds; none at the start
};

struct ValidationReport {
  int64_t step = 0;
  double epoch = 0;
  std::optional<double> train_loss = {};  // mean since the last validation; none before the first step
  const Evaluation& evaluation;
  bool best = false;  // so far; the model file holds it
  double elapsed = 0;
};

// All calls come from the thread that trains, between steps.
class TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void on_begin(const Training&) {}  // before the first step of a sitting
  virtual void on_step(const StepReport&) {}
  virtual void on_validation(const ValidationReport&) {}
  virtual void on_end() {}                      // of a sitting, before its result is known to the caller
  virtual void on_message(std::string_view) {}  // one line: "averaging begins", "the rate is halved"
};

}  // namespace recur
