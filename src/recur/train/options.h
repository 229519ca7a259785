// The options of training that every task shares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/optim/make_optimizer.h"
#include "recur/optim/pruning.h"
#include "recur/optim/schedule.h"

namespace recur {

// When a run ends: at the first limit reached.
struct BudgetOptions {
  std::optional<double> epochs = {};
  std::optional<int64_t> steps = {};
  std::optional<Seconds> time = {};
  std::optional<int64_t> patience = {};

  bool is_set() const { return epochs || steps || time; }

  template <class Visitor>
  void visit(Visitor& v) {
    const Range positive{.min = 0, .max = 1e12, .open_min = true};
    v("epochs", epochs,
      "Maximum number of passes over the training data; without epochs, steps and time it follows from the size of "
      "the data (20 for lm)",
      positive);
    v("steps", steps, "Maximum number of training steps", Range{1, 1e15});
    v("time", time, "Maximum training time, such as 30m or 2h", positive);
    v("patience", patience,
      "Early stopping: stop after this many validations in a row in which neither the metric that chooses the model "
      "nor "
      "the loss improves; 0: never; default: only without epochs, steps and time, when a quarter of the budget has "
      "brought no improvement; the learning rate is then still brought to the end of its schedule",
      Range{0, 1e9});
  }
};

// How gradients update the parameters.
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
    v("optimizer", o.name, "Optimiser", OneOf{"sgd", "asgd", "adam", "adamw", "rmsprop", "adagrad"});
    v("lr", o.rate, "Learning rate; default 0.003 for adam and adamw, 0.01 for the others (act: by environment)",
      positive);
    v("momentum", o.momentum, "Momentum (sgd, rmsprop)", fraction);
    v("nesterov", o.nesterov, "Nesterov momentum (sgd)");
    v("beta1", o.beta1, "Decay rate of the first moment (adam, adamw); default 0.9", fraction);
    v("beta2", o.beta2, "Decay rate of the second moment (adam, adamw); default 0.999", fraction);
    v("alpha", o.alpha, "Decay rate of the mean squared gradient (rmsprop); default 0.99", fraction);
    v("epsilon", o.epsilon,
      "Added to the denominator for numerical stability; default 1e-8 for adam, adamw and rmsprop, 1e-10 for adagrad",
      positive);
    v("centered", o.centered, "Divide by the standard deviation of the gradient, not its root mean square (rmsprop)");
    v("amsgrad", o.amsgrad, "AMSGrad: divide by the largest second moment so far (adam, adamw; Reddi et al. 2018)");
    v("weight_decay", o.weight_decay, "L2 weight decay; decoupled from the gradient for adamw", not_negative);
    v("decay_vectors", o.decay_vectors, "Apply weight decay to biases and normalisation scales too");
    v("l1", l1, "Coefficient of the L1 penalty on the parameters", not_negative);
    v("average_interval", average_interval,
      "Start averaging the parameters when the validation loss exceeds the best one from more than this many "
      "validations ago (asgd; NT-ASGD, Merity et al. 2018); 0: from the start",
      Range{0, 1e6});
    v("clip", clip, "Maximum global gradient norm; 0 disables clipping", not_negative);
    v("clip_value", clip_value, "Maximum absolute value of each gradient element; 0 disables clipping", not_negative);
  }
};

// The learning-rate schedule (optim/schedule.h), by the share of the budget that is used.
struct RateOptions {
  ScheduleOptions schedule{.name = "cosine"};

  template <class Visitor>
  void visit(Visitor& v) {
    ScheduleOptions& o = schedule;
    const Range count{0, 1e12};
    v("schedule", o.name,
      "Learning-rate schedule; cosine and linear follow the fraction of the budget used (epochs, steps or time)",
      OneOf{"constant", "step", "milestones", "exponential", "cosine", "linear", "plateau"});
    v("warmup", o.warmup, "Number of steps of linear warm-up", count);
    v("decay", o.decay, "Factor of each reduction of the learning rate (step, milestones, exponential, plateau)",
      Range{.min = 0, .max = 1, .open_min = true});
    v("lr_floor", o.floor, "Lowest learning rate, as a fraction of lr (cosine, linear, plateau)", Range{0, 1});
    v("decay_every", o.interval, "Number of epochs between reductions (step)", Range{1, 1e9});
    v("hold", o.hold, "Number of epochs at the full rate, before a reduction every epoch (exponential)", count);
    v("milestones", o.milestones, "Epochs at which the learning rate is reduced (milestones)", count);
    v("plateau_patience", o.patience, "Number of validations without improvement before a reduction (plateau)", count);
    v("plateau_threshold", o.threshold, "Smallest relative improvement that counts (plateau)", Range{0, 1});
    v("cooldown", o.cooldown, "Number of validations to ignore after a reduction (plateau)", count);
  }
};

// Smaller models: sparse weights (optim/pruning.h) and 8-bit integers (nn/fake_int8.h).
struct CompressionOptions {
  PruningOptions pruning;
  bool int8_training = false;

  template <class Visitor>
  void visit(Visitor& v) {
    PruningOptions& o = pruning;
    v("sparsity", o.sparsity,
      "Share of the recurrent layers' input and recurrent weights that training sets to 0, the smallest ones of each "
      "weight (magnitude pruning; Narang et al. 2017); 0: none",
      Range{.min = 0, .max = 1, .open_max = true});
    v("sparse_block", o.block,
      "Blocks, rows x columns, that are pruned as a whole: 16x1 and 4x16 run faster, 1x1 makes smaller files only",
      OneOf(pruning_blocks()));
    v("sparse_begin", o.begin, "Fraction of the budget at which pruning begins", Range{0, 1});
    v("sparse_end", o.end, "Fraction of the budget at which the sparsity is reached; the best model is chosen after it",
      Range{0, 1});
    v("int8_training", int8_training,
      "Round weights, inputs and states in training as recur quantize and int8 inference do (quantisation-aware "
      "training), and validate in int8");
  }
};

// What is recorded during training.
struct RecordOptions {
  int64_t validate_every = 0;
  Seconds checkpoint_every{60};
  int64_t log_every = 50;
  int64_t trace_gradients = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    v("validate_every", validate_every,
      "Number of steps between validations; 0: every epoch, but at most about 50 times in a run, or 20 times if only "
      "time limits it",
      Range{0, 1e15});
    v("checkpoint_every", checkpoint_every, "Time between checkpoints");
    v("log_every", log_every, "Number of steps between rows of metrics.jsonl", Range{1, 1e15});
    v("trace_gradients", trace_gradients,
      "Number of steps between rows of gradients.jsonl, which holds the gradient norm at each time step; 0: no such "
      "file",
      Range{0, 1e15});
  }
};

struct TrainOptions {
  BudgetOptions budget;
  LearningOptions learning;
  RateOptions rate;
  CompressionOptions compression;
  RecordOptions record;

  template <class Visitor>
  void visit(Visitor& v) {
    v.section("Budget", budget);
    v.section("Optimiser", learning);
    v.section("Learning rate", rate);
    v.section("Compression", compression);
    v.section("Records", record);
  }
};

}  // namespace recur
