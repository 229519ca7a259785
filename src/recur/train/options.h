// The options of training that every task shares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/optim/make_optimizer.h"
#include "recur/optim/schedule.h"

namespace recur {

// When a run ends: at what comes first.
struct BudgetOptions {
  std::optional<double> epochs = {};
  std::optional<int64_t> steps = {};
  std::optional<Seconds> time = {};
  int64_t patience = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    const Range positive{.min = 0, .max = 1e12, .open_min = true};
    v("epochs", epochs,
      "Passes over the training data; when nothing else ends the run the task says how many, 20 for lm", positive);
    v("steps", steps, "Stop after this many steps", Range{1, 1e15});
    v("time", time, "Stop after this long", positive);
    v("patience", patience, "Stop after this many validations without a better one; 0: never", Range{0, 1e9});
  }
};

// How gradients change the parameters.
struct LearningOptions {
  OptimizerOptions optimizer;
  double l1 = 0;
  int64_t average_interval = 5;
  double clip = 1;
  double clip_value = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    OptimizerOptions& o = optimizer;
    const Range positive{.min = 0, .max = 1e9, .open_min = true}, not_negative{0, 1e9};
    const Range fraction{.min = 0, .max = 1, .open_max = true};
    v("optimizer", o.name, "Rule of the steps", OneOf{"sgd", "asgd", "adam", "adamw", "rmsprop", "adagrad"});
    v("lr", o.rate, "Learning rate; without it adam, adamw 0.003, the others 0.01", positive);
    v("momentum", o.momentum, "sgd, rmsprop", fraction);
    v("nesterov", o.nesterov, "sgd: Nesterov's momentum");
    v("beta1", o.beta1, "adam, adamw: memory of the gradient (0.9)", fraction);
    v("beta2", o.beta2, "adam, adamw: memory of its square (0.999)", fraction);
    v("alpha", o.alpha, "rmsprop: memory of the gradient's square (0.99)", fraction);
    v("epsilon", o.epsilon, "adam, adamw, rmsprop (1e-8), adagrad (1e-10)", positive);
    v("centered", o.centered, "rmsprop: subtract the mean gradient's square");
    v("amsgrad", o.amsgrad, "adam, adamw: divide by the largest square so far");
    v("weight_decay", o.weight_decay, "L2 penalty; of adamw decoupled from the gradient", not_negative);
    v("decay_vectors", o.decay_vectors, "Weight decay for biases and scales too");
    v("l1", l1, "L1 penalty", not_negative);
    v("average_interval", average_interval,
      "asgd: average the parameters once validation is worse than this many validations ago (Merity et al. 2018); 0: "
      "from the start",
      Range{0, 1e6});
    v("clip", clip, "Longest gradient, all parameters together; 0: any", not_negative);
    v("clip_value", clip_value, "Largest element of a gradient; 0: any", not_negative);
  }
};

// How the learning rate goes on (optim/schedule.h), by the share of the budget that is used.
struct RateOptions {
  ScheduleOptions schedule{.name = "cosine"};

  template <class Visitor>
  void visit(Visitor& v) {
    ScheduleOptions& o = schedule;
    const Range count{0, 1e12};
    v("schedule", o.name, "Course of the learning rate; cosine and linear go by the share of the budget that is used",
      OneOf{"constant", "step", "milestones", "exponential", "cosine", "linear", "plateau"});
    v("warmup", o.warmup, "Steps over which the rate rises to its full value", count);
    v("decay", o.decay, "step, milestones, exponential, plateau: factor of each fall",
      Range{.min = 0, .max = 1, .open_min = true});
    v("lr_floor", o.floor, "cosine, linear, plateau: lowest rate, as a fraction of the full one", Range{0, 1});
    v("decay_every", o.interval, "step: epochs from one fall to the next", Range{1, 1e9});
    v("hold", o.hold, "exponential: epochs at the full rate, before it falls each epoch", count);
    v("milestones", o.milestones, "milestones: epochs at which the rate falls", count);
    v("plateau_patience", o.patience, "plateau: validations without a better one before a fall", count);
    v("plateau_threshold", o.threshold, "plateau: least improvement that counts, relative", Range{0, 1});
    v("cooldown", o.cooldown, "plateau: validations after a fall that do not count", count);
  }
};

// What is measured and kept on the way.
struct RecordOptions {
  int64_t validate_every = 0;
  Seconds checkpoint_every{60};
  int64_t log_every = 50;
  int64_t trace_gradients = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    v("validate_every", validate_every,
      "Steps from one validation to the next; 0: each epoch, or 20 times when time alone ends the run", Range{0, 1e15});
    v("checkpoint_every", checkpoint_every, "Time from one checkpoint to the next");
    v("log_every", log_every, "Steps from one row of metrics.jsonl to the next", Range{1, 1e15});
    v("trace_gradients", trace_gradients,
      "Steps from one row of gradients.jsonl, the gradient's norm at each time step, to the next; 0: none",
      Range{0, 1e15});
  }
};

struct TrainOptions {
  BudgetOptions budget;
  LearningOptions learning;
  RateOptions rate;
  RecordOptions record;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Budget", budget);
    v.section("Optimiser", learning);
    v.section("Learning rate", rate);
    v.section("Records", record);
  }
};

}  // namespace recur
