// The options of training that every task shares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "recur/io/config_field.h"

namespace recur {

struct TrainOptions {
  // The budget: what comes first ends the run. Of none, epochs is kDefaultEpochs.
  std::optional<double> epochs;
  std::optional<int64_t> steps;
  std::optional<Seconds> time;

  std::string optimizer = "adam";
  std::optional<double> lr;
  double momentum = 0;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0;
  double clip = 1;
  double clip_value = 0;

  std::string schedule = "constant";
  int64_t warmup = 0;
  double decay = 0.5;
  double decay_after = 0;
  double decay_every = 1;
  double lr_floor = 0;
  int plateau_patience = 2;
  int average_interval = 0;

  int64_t validate_every = 0;
  int patience = 0;
  Seconds checkpoint_every{60};
  int64_t log_every = 50;
  int64_t trace_gradients = 0;

  static constexpr double kDefaultEpochs = 20;

  template <class Visitor>
  void visit(Visitor& v) {
    constexpr double kHuge = 1e15;
    const Range positive{.min = 0, .max = kHuge, .open_min = true};
    v("epochs", epochs, "Passes over the training data; 20 when no other end is given", positive);
    v("steps", steps, "Stop after this many steps", Range{1, kHuge});
    v("time", time, "Stop after this long", positive);
    v("optimizer", optimizer, "How gradients change the parameters",
      OneOf{"sgd", "asgd", "adam", "adamw", "rmsprop", "adagrad"});
    v("lr", lr, "Learning rate; sgd and asgd 1, adagrad 0.01, the others 0.002 when not given", positive);
    v("momentum", momentum, "Of sgd (Nesterov's) and rmsprop", Range{.min = 0, .max = 1, .open_max = true});
    v("beta1", beta1, "Of adam: memory of the mean gradient", Range{.min = 0, .max = 1, .open_max = true});
    v("beta2", beta2, "Of adam: memory of the squared gradient", Range{.min = 0, .max = 1, .open_max = true});
    v("epsilon", epsilon, "Of adam, rmsprop and adagrad", positive);
    v("weight_decay", weight_decay, "L2 penalty; of adamw, decoupled", Range{0, kHuge});
    v("clip", clip, "Longest gradient, as a norm over all parameters; 0: any", Range{0, kHuge});
    v("clip_value", clip_value, "Largest element of a gradient; 0: any", Range{0, kHuge});
    v("schedule", schedule, "How the learning rate goes on", OneOf{"constant", "cosine", "linear", "step", "plateau"});
    v("warmup", warmup, "Steps over which the learning rate rises to its value", Range{0, kHuge});
    v("decay", decay, "Of step and plateau: factor at each fall", Range{.min = 0, .max = 1, .open_min = true});
    v("decay_after", decay_after, "Of step: epochs before the rate begins to fall", Range{0, kHuge});
    v("decay_every", decay_every, "Of step: epochs from one fall to the next", positive);
    v("lr_floor", lr_floor, "Lowest learning rate of a schedule", Range{0, kHuge});
    v("plateau_patience", plateau_patience, "Of plateau: validations without a better one before a fall",
      Range{0, 1e6});
    v("average_interval", average_interval,
      "Of asgd: average once validation has not improved over this many (Merity et al. 2018); 0: from the start",
      Range{0, 1e6});
    v("validate_every", validate_every,
      "Steps from one validation to the next; 0: each epoch, or 20 times within --time", Range{0, kHuge});
    v("patience", patience, "Stop after this many validations without a better one; 0: never", Range{0, 1e9});
    v("checkpoint_every", checkpoint_every, "Time from one checkpoint to the next");
    v("log_every", log_every, "Steps from one line of metrics.jsonl to the next", Range{1, kHuge});
    v("trace_gradients", trace_gradients,
      "Steps from one record of the gradient's norm per time step to the next; 0: none", Range{0, kHuge});
  }
};

}  // namespace recur
